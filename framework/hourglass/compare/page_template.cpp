#include <hourglass/compare/page_template.hpp>

#ifdef HOURGLASS_PAGE_FILE

// Assembled in as it is: a literal of this size would take the compiler longer than all the rest.
asm(R"(
  .section .rodata
  .balign 16
  .local hourglass_page_begin
  .local hourglass_page_end
hourglass_page_begin:
  .incbin ")" HOURGLASS_PAGE_FILE R"("
hourglass_page_end:
  .byte 0
  .previous
)");

extern "C" {
[[gnu::visibility("hidden")]] extern const char hourglass_page_begin[];
[[gnu::visibility("hidden")]] extern const char hourglass_page_end[];
}

namespace hourglass::compare {

std::string_view page_template() {
  return {hourglass_page_begin,
          static_cast<std::size_t>(hourglass_page_end - hourglass_page_begin)};
}

}  // namespace hourglass::compare

#else

namespace hourglass::compare {

std::string_view page_template() { return {}; }

}  // namespace hourglass::compare

#endif
