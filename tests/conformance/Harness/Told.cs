using System.Text.Json;

namespace Orchestrator.Conformance.Harness;

/// <summary>Short words for what the program's JSON tells of runs, tasks and events.</summary>
internal static class Told
{
    public static string? Text(this JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static string RunId(this JsonElement run) => run.GetProperty("run_id").GetString()!;

    public static string Status(this JsonElement of) => of.GetProperty("status").GetString()!;

    public static JsonElement Task(this JsonElement run, string id) => run.GetProperty("tasks").GetProperty(id);

    /// <summary>Status of a task, and why where there is a reason: <c>skipped condition</c>.</summary>
    public static string Fate(this JsonElement run, string id) => $"{run.Task(id).Status()} {run.Task(id).Text("reason")}".TrimEnd();

    public static JsonElement Output(this JsonElement run, string id, string name) => run.Task(id).GetProperty("outputs").GetProperty(name);

    /// <summary>A count by its name; the counts of a run always add up.</summary>
    public static int Count(this JsonElement run, string name)
    {
        var counts = run.GetProperty("counts").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        if (counts["total"] != counts.Where(p => p.Key != "total").Sum(p => p.Value)) throw new InvalidDataException($"The counts do not add up: {run.GetProperty("counts")}");
        return counts[name];
    }

    public static string Type(this JsonElement e) => e.GetProperty("type").GetString()!;

    public static JsonElement Data(this JsonElement e) => e.GetProperty("data");

    public static DateTimeOffset Time(this JsonElement e) => e.GetProperty("time").GetDateTimeOffset();

    public static bool IsEnd(this JsonElement e) => e.Type() is "workflow.completed" or "workflow.failed" or "workflow.cancelled";

    /// <summary>The events of a type, of one task where it is named.</summary>
    public static IEnumerable<JsonElement> Of(this IEnumerable<JsonElement> events, string type, string? task = null) =>
        events.Where(e => e.Type() == type && (task is null || e.Text("task") == task));
}
