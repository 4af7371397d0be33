#!/usr/bin/env bash
# Twelve runs of a 784-128-64-128-784 network (W2): as a sweep with one-thread processes, and one after
# another with all threads. Prints both times, their ratio, and the most memory (proportional set
# size) of a sweep's processes together and of one run.
#
#     tests/benchmarks/sweep_throughput.sh [ROUNDS] [EPOCHS] [DATA SET]     with build/release built
set -euo pipefail
hourglass=$(dirname "$(readlink -f "$0")")/../../build/release/bin/hourglass
rounds=${1:-3} epochs=${2:-10} dataset=${3:-glyphs}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > base.yaml <<END
dataset: $dataset
variant: vanilla
model:
  encoder: [{dense: 128, activation: relu}]
  latent: 64
  code_activation: relu
  loss: binary_cross_entropy
train: {epochs: $epochs, batch: 256}
END
printf 'name: many\nbase: base.yaml\nsweep: {seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}\n' > many.yaml

# Memory, in MiB, of the processes whose ids are given.
proportional() {
  cat $(printf '/proc/%s/smaps_rollup ' "$@") 2>/dev/null | awk '$1 == "Pss:" {sum += $2} END {print int(sum / 1024)}'
}

# The most memory of a command and the processes that it starts. Looking costs them time: a run that is
# timed is not looked at.
most_memory() {
  local pid now most=0
  "$@" > out.txt 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(proportional "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null) || true)
    if [ "${now:-0}" -gt "$most" ]; then most=$now; fi
    sleep 0.5
  done
  wait "$pid" || cat out.txt >&2
  echo "$most"
}

# The seconds that a command takes.
seconds_of() {
  local start=$EPOCHREALTIME
  "$@" > out.txt 2>&1 || cat out.txt >&2
  awk "BEGIN {print $EPOCHREALTIME - $start}"
}

sequential() {
  for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
    "$hourglass" run base.yaml --set seed="$seed" --output "alone/$seed" --quiet
  done
}

for round in $(seq "$rounds"); do
  rm -rf runs alone
  sweep=$(seconds_of "$hourglass" sweep many.yaml --quiet)
  alone=$(seconds_of sequential)
  awk "BEGIN {printf \"round $round: sweep %.1f s, one after another %.1f s: %.2f times as fast\n\", $sweep, $alone, $alone / $sweep}"
done
rm -rf runs alone
together=$(most_memory "$hourglass" sweep many.yaml --quiet)
one=$(most_memory "$hourglass" run base.yaml --output alone --quiet)
echo "memory: sweep $together MiB, one run with all threads $one MiB"
