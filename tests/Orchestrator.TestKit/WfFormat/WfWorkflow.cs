using System.Globalization;
using System.Text;

namespace Orchestrator.TestKit.WfFormat;

/// <summary>Writes an instance as a workflow file. Text, because what drives the built program knows no other form.</summary>
public static class WfWorkflow
{
    /// <summary>Every task sleeps for its time.</summary>
    public static string Sleeping(WfInstance instance, int? maxParallel = null) =>
        Write(instance, maxParallel, t => string.Create(CultureInfo.InvariantCulture, $"exec: [sleep, \"{t.Seconds:0.###}\"]"));

    /// <summary>Tasks that take no time: <paramref name="action"/> says what each does, as a key and value in YAML.</summary>
    public static string Instant(WfInstance instance, Func<WfTask, string> action, int? maxParallel = null) => Write(instance, maxParallel, action);

    private static string Write(WfInstance instance, int? maxParallel, Func<WfTask, string> action)
    {
        var yaml = new StringBuilder();
        yaml.Append("name: ").Append(NameOf(instance)).Append('\n');
        if (maxParallel is { } most) yaml.Append(CultureInfo.InvariantCulture, $"max_parallel: {most}\n");
        yaml.Append("tasks:\n");
        foreach (var task in instance.Tasks)
        {
            // Quoted: an id may be digits only, or a word that YAML reads as something else.
            yaml.Append("  - {id: \"").Append(task.Id).Append('"');
            if (task.Parents.Count > 0) yaml.Append(", depends_on: [").AppendJoin(", ", task.Parents.Select(p => $"\"{p}\"")).Append(']');
            yaml.Append(", ").Append(action(task)).Append("}\n");
        }
        return yaml.ToString();
    }

    /// <summary>The instance's name as a definition takes it.</summary>
    public static string NameOf(WfInstance instance)
    {
        var name = string.Concat(instance.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).TrimStart('.', '_', '-');
        return name.Length == 0 ? "instance" : name[..Math.Min(100, name.Length)];
    }
}
