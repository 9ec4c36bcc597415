namespace Orchestrator.TestKit.Containers;

/// <summary>
/// A program that takes docker's command line, notes how it was called, and runs "containers": processes in a session of their own with
/// only the variables given by -e, which no signal to the client reaches. The image is the name of what happens.
/// </summary>
public sealed class StandInClient
{
    private const string Script = """
        #!/bin/sh
        # State beside this file: calls (one line each), NAME.pid of a live "container".
        state=$(dirname "$0")/state
        mkdir -p "$state"
        printf '%s\n' "$*" >> "$state/calls"
        env | sort > "$state/env.$1"
        verb=$1; shift
        case "$verb" in
        run)
          vars=""; name=""; results=""; artifacts=""
          while :; do
            case "$1" in
            --name) name=$2; shift 2;;
            -e) case "$2" in
                *=*) vars="$vars ${2%%=*}";  eval "${2%%=*}=\${2#*=}"; export "${2%%=*}";;
                *) eval "test \"\${$2+x}\"" && vars="$vars $2";;
                esac; shift 2;;
            -v) case "$2" in
                *:/orchestrator/results) results=${2%%:*};;
                *:/orchestrator/artifacts) artifacts=${2%%:*};;
                esac; shift 2;;
            --label|--pull|-w|--network|-u|--entrypoint) shift 2;;
            --rm) shift;;
            *) break;;
            esac
          done
          image=$1; shift
          case "$image" in
          missing) echo "Unable to find image 'missing:latest' locally" >&2; exit 125;;
          esac
          ORCHESTRATOR_OUTPUT=$results/output; ORCHESTRATOR_ARTIFACTS=$artifacts
          export ORCHESTRATOR_OUTPUT ORCHESTRATOR_ARTIFACTS
          set -- "$@"
          export state name
          clean="PATH=$PATH"
          for v in $vars; do eval "clean=\"\$clean
        $v=\$$v\""; done
          # A session of its own: what ends the client's group does not reach it.
          printf '%s\n' "$clean" > "$state/$name.env"
          setsid env -i PATH="$PATH" state="$state" name="$name" sh -c '
            while IFS= read -r line; do export "$line"; done < "$state/$name.env"
            echo $$ > "$state/$name.new"; mv "$state/$name.new" "$state/$name.pid"
            unset state; exec "$@"' container "$@" &
          wait $!
          code=$?
          rm -f "$state/$name.pid"
          exit $code;;
        stop|kill)
          for name; do :; done
          test -f "$state/$name.pid" || exit 1
          pid=$(cat "$state/$name.pid")
          kill -TERM "$pid" 2> /dev/null; rm -f "$state/$name.pid"; exit 0;;
        rm)
          shift
          for name; do test -f "$state/$name.pid" && kill -9 "$(cat "$state/$name.pid")" 2> /dev/null; rm -f "$state/$name.pid"; done
          exit 0;;
        esac
        """;

    /// <param name="folder">Where the program and its notes go; it is called <c>docker</c> there.</param>
    public StandInClient(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path, Script.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>To be put into a PATH.</summary>
    public string Folder { get; }

    /// <summary>The program.</summary>
    public string Path => System.IO.Path.Combine(Folder, "docker");

    /// <summary>All calls so far, their arguments joined by blanks.</summary>
    public IReadOnlyList<string> Calls => File.Exists(State("calls")) ? File.ReadAllLines(State("calls")) : [];

    /// <summary>The environment of the last call of a verb.</summary>
    public IReadOnlyList<string> EnvironmentOf(string verb) => File.ReadAllLines(State("env." + verb));

    /// <summary>The numbers of the processes that stand for live containers, by name.</summary>
    public IReadOnlyDictionary<string, int> Live => Directory.Exists(State(""))
        ? Directory.GetFiles(State(""), "*.pid").ToDictionary(f => System.IO.Path.GetFileNameWithoutExtension(f), f => int.Parse(File.ReadAllText(f), System.Globalization.CultureInfo.InvariantCulture))
        : new Dictionary<string, int>();

    private string State(string name) => System.IO.Path.Combine(Folder, "state", name);
}
