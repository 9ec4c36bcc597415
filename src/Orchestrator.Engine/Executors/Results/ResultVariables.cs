using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Results;

/// <summary>
/// Results of earlier tasks as variables of a process: <c>{task}__{key}</c>, with '_' for characters a variable's name cannot have. Texts,
/// numbers and truth values as they are, null as nothing, lists and objects as JSON.
/// </summary>
/// <param name="Variables">In the order of their tasks, nearest first.</param>
/// <param name="LeftOut">Names of those that are too large, or that no variable can carry.</param>
internal sealed record ResultVariables(IReadOnlyList<KeyValuePair<string, string>> Variables, IReadOnlyList<string> LeftOut)
{
    public static readonly ResultVariables None = new([], []);

    // The kernel takes 128 KiB for one variable and, by default, 2 MiB for all and the arguments.
    private const int MaxBytes = 64 * 1024, MaxTotalBytes = 512 * 1024;

    /// <summary>Whether an action has an environment for them.</summary>
    public static bool Reach(TaskAction action) => action is RunAction or ExecAction or ScriptAction or ContainerAction;

    /// <exception cref="OutputProblemException">Two results would have the same name.</exception>
    public static ResultVariables Of(IReadOnlyList<AncestorResults> ancestors)
    {
        if (ancestors.Count == 0) return None;
        var variables = new List<KeyValuePair<string, string>>();
        var leftOut = new List<string>();
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        var total = 0;
        foreach (var (task, outputs) in ancestors)
            foreach (var (key, value) in outputs)
            {
                var name = NameOf(task, key);
                var source = $"{task}.{key}";
                if (!sources.TryAdd(name, source))
                    throw new OutputProblemException(Core.FailureKind.Error, $"The results {sources[name]} and {source} would both be the variable {name}: rename one of them.");
                var text = Text(value);
                var bytes = Encoding.UTF8.GetByteCount(text);
                if (bytes > MaxBytes || total + bytes > MaxTotalBytes || text.Contains('\0', StringComparison.Ordinal)) leftOut.Add(name);
                else
                {
                    variables.Add(new(name, text));
                    total += bytes;
                }
            }
        return new(variables, leftOut);
    }

    /// <summary>For example <c>load_eu__rows</c> for the output <c>rows</c> of task <c>load-eu</c>.</summary>
    public static string NameOf(TaskId task, string key)
    {
        var name = string.Concat(task.ToString(), "__", key);
        return string.Create(name.Length + (char.IsAsciiDigit(name[0]) ? 1 : 0), name, static (span, from) =>
        {
            if (span.Length > from.Length) span[0] = '_';   // a name cannot begin with a digit
            var at = span.Length - from.Length;
            foreach (var c in from) span[at++] = char.IsAsciiLetterOrDigit(c) ? c : '_';
        });
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
