# Shared by the scripts beside it: the machine, one measured call, ratios of pairs. Needs bash and awk.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
program=${ORCHESTRATOR_BIN:-$root/artifacts/publish/orchestrator}
pairs=${PAIRS:-7}
work=$(mktemp -d "${BENCH_DIR:-$root/artifacts}/bench.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
mkdir -p -- "$root/artifacts/benchmarks"

need_program() {
  if [ ! -x "$program" ]; then
    echo "No program at $program. Make it with tests/run, or name another in ORCHESTRATOR_BIN." >&2
    exit 2
  fi
}

machine() {
  echo "machine: $(uname -srm), $(nproc) processors, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
  echo "disk:    $(df -T "$work" | awk 'NR == 2 { print $2, $1 }')"
  echo "load:    $(cut -d ' ' -f 1-3 /proc/loadavg) before"
}

# measured NAME COMMAND...: runs it and leaves seconds in $wall and $cpu (its children's included).
measured() {
  local name=$1 times status=0
  shift
  TIMEFORMAT='%R %U %S'
  { times=$( { time "$@" > "$work/$name.out" 2> "$work/$name.err" < /dev/null; } 2>&1 ); } || status=$?
  wall=${times%% *}
  cpu=$(echo "$times" | awk '{ print $2 + $3 }')
  return "$status"
}

wrong() { # wrong MESSAGE FILE: the one reason to end with a failure
  echo "WRONG: $1" >&2
  [ ! -s "${2:-}" ] || head -n 20 "$2" >&2
  exit 1
}

# sample WHAT WHO PAIR [MORE]: one line of raw data
sample() {
  printf '{"benchmark":"%s","shape":"%s","who":"%s","pair":%d,"wall_s":%s,"cpu_s":%s,"load1":%s%s}\n' \
    "$benchmark" "$1" "$2" "$3" "$wall" "$cpu" "$(cut -d ' ' -f 1 /proc/loadavg)" "${4:-}" >> "$raw"
}

# ratios SHAPE WHO REFERENCE: min, median and max over the pairs, wall and CPU, and both median times
ratios() {
  sed -n "s/.*\"shape\":\"$1\",\"who\":\"\([^\"]*\)\",\"pair\":\([0-9]*\),\"wall_s\":\([0-9.]*\),\"cpu_s\":\([0-9.]*\).*/\1 \2 \3 \4/p" "$raw" |
    awk -v shape="$1" -v who="$2" -v ref="$3" '
      function sorted(a, n,    i, j, x) { for (i = 2; i <= n; i++) { x = a[i]; for (j = i - 1; j > 0 && a[j] > x; j--) a[j + 1] = a[j]; a[j + 1] = x } }
      function median(a, n) { return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2 }
      { wall[$1, $2] = $3; cpu[$1, $2] = $4; if ($2 > n) n = $2 }
      END {
        for (p = 1; p <= n; p++) {
          w[p] = wall[who, p] / wall[ref, p]; a[p] = wall[who, p]; b[p] = wall[ref, p]
          c[p] = cpu[ref, p] > 0 ? cpu[who, p] / cpu[ref, p] : 0
        }
        sorted(w, n); sorted(c, n); sorted(a, n); sorted(b, n)
        printf "%-12s %s/%-6s wall %.2f  %.2f  %.2f   CPU %.2f  %.2f  %.2f   (%.3f s / %.3f s, %d pairs)\n",
          shape, who, ref, w[1], median(w, n), w[n], c[1], median(c, n), c[n], median(a, n), median(b, n), n
      }'
}
