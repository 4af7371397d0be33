#include <hourglass/data/glyph_shapes.hpp>

namespace hourglass::glyphs {
namespace {

// A point that is given twice in a row makes a corner.

constexpr Point kZeroOval[] = {{.58f, .02f}, {.36f, .04f}, {.18f, .24f}, {.12f, .52f},
                               {.18f, .80f}, {.40f, .98f}, {.64f, .94f}, {.82f, .72f},
                               {.87f, .44f}, {.78f, .16f}, {.58f, .02f}, {.46f, .03f}};
constexpr Point kZeroNarrow[] = {{.50f, .00f}, {.34f, .08f}, {.24f, .30f}, {.23f, .58f},
                                 {.31f, .86f}, {.48f, 1.0f}, {.66f, .90f}, {.76f, .64f},
                                 {.76f, .36f}, {.66f, .10f}, {.50f, .00f}};
constexpr Point kZeroRound[] = {{.66f, .08f}, {.42f, .06f}, {.18f, .24f}, {.06f, .52f},
                                {.14f, .82f}, {.42f, .96f}, {.72f, .88f}, {.92f, .60f},
                                {.90f, .30f}, {.72f, .10f}, {.52f, .12f}, {.44f, .22f}};
constexpr Stroke kZeroOvalStrokes[] = {{kZeroOval}};
constexpr Stroke kZeroNarrowStrokes[] = {{kZeroNarrow}};
constexpr Stroke kZeroRoundStrokes[] = {{kZeroRound}};
constexpr Style kZero[] = {kZeroOvalStrokes, kZeroNarrowStrokes, kZeroRoundStrokes};

constexpr Point kOneBar[] = {{.50f, .00f}, {.50f, .50f}, {.50f, 1.0f}};
constexpr Point kOneFlag[] = {{.30f, .22f}, {.42f, .14f}, {.54f, .00f},
                              {.54f, .00f}, {.53f, .50f}, {.53f, 1.0f}};
constexpr Point kOneFoot[] = {{.32f, 1.0f}, {.54f, .99f}, {.76f, 1.0f}};
constexpr Stroke kOneBarStrokes[] = {{kOneBar}};
constexpr Stroke kOneFlagStrokes[] = {{kOneFlag}};
constexpr Stroke kOneFootStrokes[] = {{kOneFlag}, {kOneFoot}};
constexpr Style kOne[] = {kOneBarStrokes, kOneFlagStrokes, kOneFootStrokes};

constexpr Point kTwoPlain[] = {{.14f, .24f}, {.26f, .06f}, {.50f, .00f}, {.74f, .08f},
                               {.82f, .28f}, {.70f, .52f}, {.44f, .76f}, {.12f, .98f},
                               {.12f, .98f}, {.50f, .96f}, {.90f, .97f}};
constexpr Point kTwoLoop[] = {{.16f, .20f}, {.32f, .04f}, {.56f, .01f}, {.76f, .13f}, {.76f, .36f},
                              {.58f, .62f}, {.34f, .88f}, {.16f, .97f}, {.08f, .88f}, {.18f, .78f},
                              {.36f, .84f}, {.60f, .97f}, {.78f, .97f}, {.94f, .86f}};
constexpr Point kTwoSwan[] = {{.20f, .16f}, {.42f, .00f}, {.68f, .06f}, {.76f, .28f},
                              {.62f, .56f}, {.36f, .84f}, {.16f, .95f}, {.16f, .95f},
                              {.34f, .86f}, {.56f, .92f}, {.76f, 1.0f}, {.92f, .92f}};
constexpr Stroke kTwoPlainStrokes[] = {{kTwoPlain}};
constexpr Stroke kTwoLoopStrokes[] = {{kTwoLoop}};
constexpr Stroke kTwoSwanStrokes[] = {{kTwoSwan}};
constexpr Style kTwo[] = {kTwoPlainStrokes, kTwoLoopStrokes, kTwoSwanStrokes};

constexpr Point kThreeRound[] = {{.18f, .14f}, {.38f, .01f}, {.64f, .03f}, {.78f, .18f},
                                 {.70f, .36f}, {.44f, .46f}, {.44f, .46f}, {.72f, .52f},
                                 {.86f, .70f}, {.76f, .90f}, {.50f, 1.0f}, {.26f, .96f},
                                 {.12f, .84f}};
constexpr Point kThreeLoop[] = {{.20f, .12f}, {.42f, .00f}, {.68f, .06f}, {.76f, .22f},
                                {.62f, .38f}, {.42f, .46f}, {.36f, .42f}, {.46f, .41f},
                                {.72f, .50f}, {.84f, .70f}, {.70f, .92f}, {.42f, 1.0f},
                                {.14f, .88f}};
constexpr Point kThreeFlat[] = {{.18f, .03f}, {.50f, .02f}, {.82f, .02f}, {.82f, .02f},
                                {.64f, .20f}, {.46f, .40f}, {.46f, .40f}, {.70f, .44f},
                                {.86f, .64f}, {.78f, .88f}, {.50f, 1.0f}, {.18f, .92f}};
constexpr Stroke kThreeRoundStrokes[] = {{kThreeRound}};
constexpr Stroke kThreeLoopStrokes[] = {{kThreeLoop}};
constexpr Stroke kThreeFlatStrokes[] = {{kThreeFlat}};
constexpr Style kThree[] = {kThreeRoundStrokes, kThreeLoopStrokes, kThreeRoundStrokes,
                            kThreeFlatStrokes};

constexpr Point kFourOpenArm[] = {{.24f, .02f}, {.18f, .26f}, {.12f, .48f},
                                  {.18f, .56f}, {.46f, .56f}, {.82f, .50f}};
constexpr Point kFourOpenStem[] = {{.74f, .02f}, {.70f, .46f}, {.66f, 1.0f}};
constexpr Point kFourClosed[] = {{.64f, .00f}, {.38f, .34f}, {.08f, .68f},
                                 {.08f, .68f}, {.48f, .67f}, {.92f, .66f}};
constexpr Point kFourClosedStem[] = {{.64f, .00f}, {.64f, .50f}, {.64f, 1.0f}};
constexpr Point kFourCursiveArm[] = {{.16f, .06f}, {.12f, .32f}, {.20f, .50f},
                                     {.44f, .50f}, {.66f, .36f}, {.78f, .04f},
                                     {.78f, .04f}, {.72f, .50f}, {.64f, 1.0f}};
constexpr Stroke kFourOpenStrokes[] = {{kFourOpenArm}, {kFourOpenStem}};
constexpr Stroke kFourClosedStrokes[] = {{kFourClosed}, {kFourClosedStem}};
constexpr Stroke kFourCursiveStrokes[] = {{kFourCursiveArm}};
constexpr Style kFour[] = {kFourOpenStrokes, kFourClosedStrokes, kFourCursiveStrokes};

constexpr Point kFiveBody[] = {{.30f, .03f}, {.26f, .22f}, {.20f, .44f}, {.20f, .44f},
                               {.46f, .37f}, {.72f, .44f}, {.86f, .64f}, {.78f, .86f},
                               {.52f, .99f}, {.28f, .98f}, {.10f, .88f}};
constexpr Point kFiveHat[] = {{.30f, .03f}, {.56f, .04f}, {.84f, .01f}};
constexpr Point kFiveOne[] = {{.86f, .02f}, {.60f, .03f}, {.34f, .04f}, {.34f, .04f},
                              {.28f, .24f}, {.24f, .40f}, {.34f, .42f}, {.60f, .44f},
                              {.76f, .60f}, {.72f, .84f}, {.48f, .98f}, {.14f, .94f}};
constexpr Stroke kFiveTwoStrokes[] = {{kFiveBody}, {kFiveHat}};
constexpr Stroke kFiveOneStrokes[] = {{kFiveOne}};
constexpr Style kFive[] = {kFiveTwoStrokes, kFiveOneStrokes};

constexpr Point kSixCurl[] = {{.70f, .00f}, {.46f, .14f}, {.26f, .42f}, {.18f, .70f},
                              {.26f, .92f}, {.48f, 1.0f}, {.72f, .92f}, {.80f, .74f},
                              {.68f, .58f}, {.46f, .58f}, {.28f, .72f}, {.22f, .82f}};
constexpr Point kSixStraight[] = {{.52f, .00f}, {.36f, .26f}, {.24f, .52f}, {.20f, .76f},
                                  {.32f, .96f}, {.56f, .98f}, {.76f, .84f}, {.74f, .64f},
                                  {.54f, .56f}, {.34f, .64f}, {.24f, .76f}};
constexpr Point kSixHook[] = {{.80f, .12f}, {.64f, .01f}, {.40f, .12f}, {.22f, .40f},
                              {.16f, .70f}, {.28f, .94f}, {.54f, .99f}, {.80f, .86f},
                              {.84f, .64f}, {.64f, .50f}, {.38f, .56f}, {.20f, .76f}};
constexpr Stroke kSixCurlStrokes[] = {{kSixCurl}};
constexpr Stroke kSixStraightStrokes[] = {{kSixStraight}};
constexpr Stroke kSixHookStrokes[] = {{kSixHook}};
constexpr Style kSix[] = {kSixCurlStrokes, kSixStraightStrokes, kSixHookStrokes};

constexpr Point kSevenPlain[] = {{.12f, .06f}, {.46f, .05f}, {.86f, .03f}, {.86f, .03f},
                                 {.66f, .36f}, {.50f, .66f}, {.40f, 1.0f}};
constexpr Point kSevenSerif[] = {{.14f, .20f}, {.16f, .04f}, {.16f, .04f},
                                 {.50f, .07f}, {.84f, .04f}, {.84f, .04f},
                                 {.68f, .38f}, {.52f, .70f}, {.46f, 1.0f}};
constexpr Point kSevenBar[] = {{.34f, .54f}, {.56f, .52f}, {.80f, .50f}};
constexpr Point kSevenCurve[] = {{.10f, .12f}, {.30f, .04f}, {.56f, .08f}, {.88f, .02f},
                                 {.88f, .02f}, {.72f, .26f}, {.56f, .58f}, {.52f, 1.0f}};
constexpr Stroke kSevenPlainStrokes[] = {{kSevenPlain}};
constexpr Stroke kSevenBarStrokes[] = {{kSevenPlain}, {kSevenBar}};
constexpr Stroke kSevenSerifStrokes[] = {{kSevenSerif}};
constexpr Stroke kSevenCurveStrokes[] = {{kSevenCurve}};
constexpr Style kSeven[] = {kSevenPlainStrokes, kSevenBarStrokes, kSevenSerifStrokes,
                            kSevenCurveStrokes};

constexpr Point kEightCross[] = {{.72f, .12f}, {.50f, .00f}, {.28f, .08f}, {.24f, .26f},
                                 {.42f, .42f}, {.66f, .56f}, {.80f, .76f}, {.70f, .94f},
                                 {.46f, 1.0f}, {.22f, .92f}, {.18f, .72f}, {.36f, .54f},
                                 {.60f, .40f}, {.76f, .22f}, {.72f, .12f}};
constexpr Point kEightTop[] = {{.50f, .00f}, {.28f, .08f}, {.24f, .28f}, {.48f, .44f},
                               {.74f, .28f}, {.72f, .08f}, {.50f, .00f}};
constexpr Point kEightBottom[] = {{.48f, .44f}, {.20f, .56f}, {.14f, .80f}, {.34f, .98f},
                                  {.64f, .98f}, {.84f, .80f}, {.78f, .56f}, {.48f, .44f}};
constexpr Point kEightOpen[] = {{.80f, .06f}, {.54f, .01f}, {.30f, .12f}, {.32f, .30f},
                                {.56f, .48f}, {.72f, .68f}, {.66f, .92f}, {.42f, 1.0f},
                                {.20f, .88f}, {.26f, .66f}, {.50f, .46f}, {.74f, .24f},
                                {.80f, .06f}};
constexpr Stroke kEightCrossStrokes[] = {{kEightCross}};
constexpr Stroke kEightTwoStrokes[] = {{kEightTop}, {kEightBottom}};
constexpr Stroke kEightOpenStrokes[] = {{kEightOpen}};
constexpr Style kEight[] = {kEightCrossStrokes, kEightTwoStrokes, kEightOpenStrokes};

constexpr Point kNineStraight[] = {{.76f, .14f}, {.54f, .00f}, {.28f, .10f}, {.18f, .30f},
                                   {.32f, .46f}, {.56f, .42f}, {.74f, .24f}, {.76f, .12f},
                                   {.76f, .12f}, {.74f, .50f}, {.70f, 1.0f}};
constexpr Point kNineHook[] = {{.78f, .20f}, {.60f, .02f}, {.32f, .06f}, {.18f, .28f},
                               {.30f, .46f}, {.56f, .44f}, {.76f, .26f}, {.80f, .16f},
                               {.80f, .44f}, {.74f, .78f}, {.54f, .98f}, {.24f, .94f}};
constexpr Point kNineSwift[] = {{.70f, .08f}, {.46f, .00f}, {.24f, .16f}, {.22f, .38f},
                                {.44f, .46f}, {.66f, .30f}, {.72f, .10f}, {.70f, .34f},
                                {.58f, .70f}, {.46f, 1.0f}};
constexpr Stroke kNineStraightStrokes[] = {{kNineStraight}};
constexpr Stroke kNineHookStrokes[] = {{kNineHook}};
constexpr Stroke kNineSwiftStrokes[] = {{kNineSwift}};
constexpr Style kNine[] = {kNineStraightStrokes, kNineHookStrokes, kNineSwiftStrokes};

constexpr std::span<const Style> kDigits[] = {kZero, kOne, kTwo,   kThree, kFour,
                                              kFive, kSix, kSeven, kEight, kNine};

}  // namespace

std::span<const Style> styles_of(int digit) { return kDigits[digit]; }

}  // namespace hourglass::glyphs
