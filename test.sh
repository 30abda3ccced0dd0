#!/usr/bin/env bash
# Installs what tests need where it can, checks the format, builds, runs every test.
# Ends with "N passed, N failed, N skipped"; the exit code is 0 when all is well.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" || exit 2
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DEBIAN_FRONTEND=noninteractive

failed=0
step() { printf '\n== %s\n' "$*"; }
note() { printf 'skipped: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; failed=$((failed + 1)); }
finish() { printf '%d passed, %d failed, %d skipped\n' "$1" "$2" "$3"; [ "$2" -eq 0 ]; exit; }

# What a test cannot run without, the Debian package that has it, and what is skipped where it stays missing.
step "Tools"
missing=()
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || missing+=(ffmpeg)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)
command -v pulseaudio >/dev/null && command -v pactl >/dev/null || missing+=(pulseaudio)
command -v npm >/dev/null || missing+=(npm)
[ -d /usr/share/libonnx-testdata ] || missing+=(libonnx-testdata)
if command -v dpkg-query >/dev/null; then
    # Drivers of Vulkan (chromium-common, 32 MB, has SwiftShader) and OpenCL, and what checks and compiles shaders.
    for package in libvulkan1 mesa-vulkan-drivers chromium-common vulkan-validationlayers ocl-icd-libopencl1 pocl-opencl-icd spirv-tools glslc; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
fi
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing ${missing[*]}"
    aptlog=$(mktemp)
    apt-get update -qq >"$aptlog" 2>&1 </dev/null
    for package in "${missing[@]}"; do
        apt-get install -y -qq --no-install-recommends "$package" >>"$aptlog" 2>&1 </dev/null ||
            { note "$package could not be installed:"; grep '^E:' "$aptlog" | tail -n 2; }
    done
    rm -f "$aptlog"
elif [ ${#missing[@]} -gt 0 ]; then
    note "not installed here: ${missing[*]} (as root on Debian this script installs them); tests that need them are skipped"
fi
if ! command -v dotnet >/dev/null; then
    fail "the .NET SDK 10 is not installed; see https://dotnet.microsoft.com/download"
    finish 0 1 0
fi

# A microphone for tests: PulseAudio with sinks that play to nobody. It ends with this script, if this script started it.
pulse=''
end_pulse() { [ -z "$pulse" ] || pulseaudio --kill 2>/dev/null; }
trap end_pulse EXIT
if command -v pulseaudio >/dev/null && ! pactl info >/dev/null 2>&1; then
    pulseaudio --daemonize=yes --exit-idle-time=-1 -n --load=module-native-protocol-unix --load=module-null-sink >/dev/null 2>&1 && pulse=ours
    pactl info >/dev/null 2>&1 || note "PulseAudio does not start here; tests with a microphone are skipped"
fi

step "Build"
dotnet build -c Release --nologo -v:quiet </dev/null || { fail "the build"; finish 0 1 0; }

step "Format"
dotnet format whitespace --no-restore --verify-no-changes -v:quiet </dev/null || fail "the format: \`dotnet format whitespace\` mends it"

step "Launcher"
# Through a link, from another folder, with a space in the path: as it may be called.
elsewhere=$(mktemp -d) && mkdir "$elsewhere/a folder" && ln -s "$PWD/edgert" "$elsewhere/a folder/edgert"
if (cd "$elsewhere/a folder" && ./edgert --version </dev/null); then echo "./edgert starts"; else fail "./edgert --version"; fi
rm -rf "$elsewhere"

step "Models"
./edgert models pull all </dev/null || note "models of the zoo could not be pulled (see above); tests that need them are skipped"

step "ONNX Runtime"
./edgert verify blazeface-front </dev/null | tail -n 2
case ${PIPESTATUS[0]} in
    0) ;;
    1) fail "./edgert verify blazeface-front" ;;
    *) note "ONNX Runtime is not to be had (see above); comparison with it is skipped" ;;
esac

# In the runner's process and not through `dotnet test`, whose output buries reasons for skipping.
step "Tests"
log=$(mktemp) || exit 2
trap 'rm -f "$log"; end_pulse' EXIT
# Thousands of skips (a driver that is not here has a row in every device test) are counted by reason below; a failure must not drown in them.
# Drivers in software compile thousands of kernels on many threads; with an arena of memory for each, glibc keeps half as much again of what they gave back.
MALLOC_ARENA_MAX=1 timeout --kill-after=30 2700 tests/bin/Release/net10.0/EdgeRuntime.Tests -noColor "$@" </dev/null 2>&1 | tee "$log" |
    awk '/^    [^ ]/ { skip = / \[SKIP\]$/ } /^ ? ?[^ ]/ { skip = 0 } !skip { print; fflush() }'
status=${PIPESTATUS[0]}
printf '\nskipped, by reason:\n'
awk '/^    [^ ].* \[SKIP\]$/ { want = 1; next } want { sub(/^ */, ""); print; want = 0 }' "$log" | sort | uniq -c | sort -rn
if grep -q ' \[FAIL\]$' "$log"; then
    printf '\nfailed:\n'
    awk '/^    [^ ]/ { show = / \[FAIL\]$/ } /^ ? ?[^ ]/ { show = 0 } show' "$log"
fi
summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
number() { sed -n "s/.*$1: \([0-9][0-9]*\).*/\1/p" <<<"$summary"; }
if [ -z "$summary" ]; then
    fail "the test runner ended with code $status and without a summary"
    finish 0 "$failed" 0
fi
total=$(number Total) skipped=$(number Skipped) left_out=$(number 'Not Run')
broken=$(($(number Failed) + $(number Errors)))
[ "$status" -eq 0 ] || [ "$broken" -gt 0 ] || fail "the test runner ended with code $status"
[ "$total" -gt 0 ] || fail "no test was found"
echo
finish $((total - broken - skipped - ${left_out:-0})) $((failed + broken)) "$skipped"
