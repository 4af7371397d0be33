#!/usr/bin/env bash
# How long `hourglass compare` takes for 2,000 runs: one trained run, copied with other seeds, code sizes
# and results. Prints the median of some repetitions for a table and a page, of few groups with many seeds,
# of many groups with few, and of the runs of one sweep.
#
#     tests/benchmarks/compare_many.sh [REPETITIONS]     with build/release built
set -euo pipefail
hourglass=$(dirname "$(readlink -f "$0")")/../../build/release/bin/hourglass
repetitions=${1:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > one.yaml <<END
dataset: {name: glyphs, limit: 600}
variant: vanilla
model: {encoder: [{dense: 32}], latent: 777}
train: {epochs: 20, batch: 50}
evaluate: [reconstruction, units]
seed: 1
END
"$hourglass" run one.yaml --output one --quiet > /dev/null

# A run's folder of its own: pictures are links, what compare reads is written anew.
copy() {  # code size, seed, folder
  mkdir -p "$3"
  cp -al one/figures "$3/"
  for file in experiment.yaml result.yaml metrics.csv; do
    awk -v latent="$1" -v seed="$2" -v draw="$RANDOM" '
      {gsub("latent: 777", "latent: " latent)}
      /^seed:/ {$0 = "seed: " seed}
      FILENAME ~ /result/ && match($0, /[0-9]\.[0-9]+$/) {
        $0 = substr($0, 1, RSTART - 1) substr($0, RSTART) * (1 + draw / 327670 + latent / 100)
      }
      {print}' "one/$file" > "$3/$file"
  done
}

median_of() {
  local times="" start
  for _ in $(seq "$repetitions"); do
    start=$EPOCHREALTIME
    "$@" > out.txt
    times+="$(awk "BEGIN {print $EPOCHREALTIME - $start}")"$'\n'
  done
  printf %s "$times" | sort -g | awk '{t[NR] = $1} END {print t[int((NR + 1) / 2)]}'
}

measure() {  # what
  table=$(median_of "$hourglass" compare many)
  page=$(median_of "$hourglass" compare many --format html --output page.html)
  echo "$1: table $table s, page $page s"
}

for shape in "40 50" "400 5"; do
  read -r groups seeds <<< "$shape"
  rm -rf many
  for latent in $(seq "$groups"); do
    for seed in $(seq "$seeds"); do copy "$latent" "$seed" "many/$latent-$seed"; done
  done
  measure "$groups groups of $seeds seeds"
done

rm -rf many
mkdir -p many/runs
echo "id,status,seed,model.latent" > many/points.csv
for latent in $(seq 40); do
  for seed in $(seq 50); do
    id=$(printf '%06x%06x' "$latent" "$seed")
    copy "$latent" "$seed" "many/runs/$id"
    echo "$id,completed,$seed,$latent" >> many/points.csv
  done
done
measure "a sweep of 40 points with 50 seeds"
