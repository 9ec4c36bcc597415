# The same graph four times: a workflow of ours, a build.ninja, a Makefile and a Snakefile. Every task is one `sh -c true`, or with -v shell=bash one of bash.
#   awk -v shape=layers -v dir=DIR [-v shell=sh|bash] -f dag.awk
# Shapes: independent (1,000), layers (10 x 100, three parents each), chain (1,000), fanout (1 + 5,000), one (a single task).
# Prints the number of tasks.
function task(id, parents,    n, p, i, list, needs) {
  tasks++
  n = split(parents, p, " ")
  for (i = 1; i <= n; i++) { list = list (i > 1 ? ", " : "") p[i]; needs = needs " " p[i] }
  print "  - id: " id > ours
  if (n) print "    depends_on: [" list "]" > ours
  print "    run: \"true\"" > ours
  # ninja hands a command to `/bin/sh -c` by itself; make does so only for what is more than a program and arguments.
  print "build " id ": t" (n ? " |" needs : "") > ninja
  all = all " " id
  print id ":" needs "\n\t@true;" > make
  gsub(/[^ ]+/, "\"done/&\",", needs)
  print "rule " id ":\n  " (n ? "input: " needs "\n  " : "") "output: touch(\"done/" id "\")\n  shell: \"true\"" > snake
  targets = targets " \"done/" id "\","
}
BEGIN {
  if (!shell) shell = "sh"
  ours = dir "/dag.yaml"; ninja = dir "/build.ninja"; make = dir "/Makefile"; snake = dir "/Snakefile.rules"
  print "name: bench-" shape "\nmax_parallel: 8\nshell: " shell "\ntasks:" > ours
  # ninja has no other shell than sh: it is given bash as a program that sh replaces itself with.
  print "rule t\n  command = " (shell == "sh" ? "true" : "exec bash -eu -o pipefail -c true") > ninja
  print (shell == "sh" ? "" : "SHELL = bash\n.SHELLFLAGS = -eu -o pipefail -c\n") "MAKEFLAGS += -rR --no-print-directory\n.SUFFIXES:\ndefault: all" > make
  if (shape == "independent") for (i = 0; i < 1000; i++) task("t" i, "")
  else if (shape == "chain") for (i = 0; i < 1000; i++) task("t" i, i ? "t" (i - 1) : "")
  else if (shape == "fanout") { task("root", ""); for (i = 0; i < 5000; i++) task("t" i, "root") }
  else if (shape == "one") task("t0", "")
  else if (shape == "layers")
    for (l = 0; l < 10; l++) for (i = 0; i < 100; i++)
      task("l" l "n" i, l ? "l" (l - 1) "n" i " l" (l - 1) "n" ((i * 7 + 1) % 100 == i ? (i + 1) % 100 : (i * 7 + 1) % 100) " l" (l - 1) "n" ((i + 50) % 100) : "")
  else { print "no such shape: " shape > "/dev/stderr"; exit 2 }
  print "all:" all > make
  # The first rule is the goal, and all targets are known last.
  print "rule all:\n  input: " targets > (dir "/Snakefile")
  print "include: \"Snakefile.rules\"" > (dir "/Snakefile")
  print ".PHONY: default all" all > make
  print tasks
}
