#!/usr/bin/env bash
# Runs every fuzz target, or those named, for so many seconds each.
#
# Usage: TIME=60 tests/fuzz/run.sh [TARGET...]
#
# Stable Rust suffices: the coverage counters are a pass of LLVM that rustc can be asked for,
# and only the sanitizers, which safe code needs least, would want a nightly compiler.
# libFuzzer comes as source with the crate libfuzzer-sys and is compiled by g++ or clang++.
# Corpora grow below target/fuzz/; what breaks a target is written there too, and it ends
# the run. SEEDS may name a folder with a folder of seeds for each target.
set -euo pipefail

cd "$(dirname "$0")/../.."
reading=(message header html text transfer roster contacts ctf index pdf ooxml odf zip rtf csv
  xml 7z tar gz bz2 xz zstd rar compound msg tnef eml picture pkcs7)
speaking=(smtp-command smtp-dot smtp-header worker-answer worker-frame reply pack config)
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${reading[@]}" "${speaking[@]}")

host=$(rustc -vV | sed -n 's/^host: //p')
work=${CARGO_TARGET_DIR:-target}/fuzz
counters='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares'

# The counters go into the code under test, not into what is run while building.
build() {
  RUSTFLAGS="$(echo $counters) --cfg fuzzing" cargo build --locked --release \
    --manifest-path tests/fuzz/Cargo.toml --target "$host" --target-dir "$work/build" "$@"
}

is_speaking() {
  case " ${speaking[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

built=
for target in "${targets[@]}"; do
  bin=reading
  arguments=(--bin reading)
  if is_speaking "$target"; then
    bin=speaking
    arguments=(--features gateway --bin speaking)
  fi
  if [ "$built" != "$bin" ]; then
    build "${arguments[@]}"
    built=$bin
  fi
  mkdir -p "$work/corpus/$target" "$work/found/$target"
  python3 tests/fuzz/seeds.py "$target" "$work/corpus/$target"
  seeds=()
  [ -z "${SEEDS:-}" ] || [ ! -d "$SEEDS/$target" ] || seeds=("$SEEDS/$target")
  echo "== $target"
  FUZZ_TARGET=$target "$work/build/$host/release/$bin" \
    -max_total_time="${TIME:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=0 \
    -verbosity=0 -artifact_prefix="$work/found/$target/" "$work/corpus/$target" ${seeds[@]+"${seeds[@]}"}
done
echo "No target broke."
