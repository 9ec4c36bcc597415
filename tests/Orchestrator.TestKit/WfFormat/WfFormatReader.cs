using System.Text.Json;

namespace Orchestrator.TestKit.WfFormat;

/// <summary>
/// Reads WfFormat, the JSON in which the WfCommons collections publish workflow executions: since 1.4
/// <c>workflow.specification.tasks</c> (graph) beside <c>workflow.execution.tasks</c> (times); before that <c>workflow.tasks</c>
/// (or <c>workflow.jobs</c>) with both, where parents may be named by name instead of id.
/// </summary>
public static class WfFormatReader
{
    private const int MaxTasks = 100_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="WfFormatException">It is no instance; the message names file and place.</exception>
    public static WfInstance ReadFile(string path)
    {
        try { return Read(File.ReadAllText(path)); }
        catch (WfFormatException e) { throw new WfFormatException($"{path}: {e.Message}"); }
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="WfFormatException">It is no instance; the message names the place.</exception>
    public static WfInstance Read(string json)
    {
        JsonDocument document;
        try { document = JsonDocument.Parse(json); }
        catch (JsonException e) { throw new WfFormatException($"This is not JSON: {e.Message}"); }
        using (document) return Read(document.RootElement);
    }

    private static WfInstance Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("workflow", out var workflow) || workflow.ValueKind != JsonValueKind.Object)
            throw new WfFormatException("There is no object 'workflow': this is not a WfFormat instance.");
        var name = Text(root, "name") ?? "instance";
        var raw = workflow.TryGetProperty("specification", out var specification)
            ? Split(specification, workflow.TryGetProperty("execution", out var execution) ? execution : null)
            : Flat(workflow);
        if (raw.Count == 0) throw new WfFormatException("The instance has no tasks.");
        if (raw.Count > MaxTasks) throw new WfFormatException($"The instance has {raw.Count} tasks; at most {MaxTasks} are read.");
        return Link(name, raw);
    }

    /// <summary>1.4 and later: the graph here, the times there.</summary>
    private static List<Raw> Split(JsonElement specification, JsonElement? execution)
    {
        var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
        if (execution is { } ran)
            foreach (var (task, place) in Items(ran, "tasks", "workflow.execution"))
                seconds[Required(task, "id", place)] = Seconds(task, place, "runtimeInSeconds");
        return [.. Items(specification, "tasks", "workflow.specification").Select(i =>
        {
            var id = Required(i.Item, "id", i.Place);
            return new Raw(id, Text(i.Item, "name"), seconds.GetValueOrDefault(id), Names(i.Item, "parents", i.Place), Names(i.Item, "children", i.Place), i.Place);
        })];
    }

    /// <summary>Before 1.4: both in one list.</summary>
    private static List<Raw> Flat(JsonElement workflow) =>
        [.. Items(workflow, workflow.TryGetProperty("tasks", out _) ? "tasks" : "jobs", "workflow").Select(i =>
        {
            var name = Text(i.Item, "name");
            var id = Text(i.Item, "id") ?? name ?? throw new WfFormatException($"{i.Place} has neither 'id' nor 'name'.");
            return new Raw(id, name, Seconds(i.Item, i.Place, "runtimeInSeconds", "runtime"), Names(i.Item, "parents", i.Place), Names(i.Item, "children", i.Place), i.Place);
        })];

    private static WfInstance Link(string name, List<Raw> raw)
    {
        var ids = new WfTaskIds();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < raw.Count; i++)
            if (!known.TryAdd(raw[i].Id, i)) throw new WfFormatException($"{raw[i].Place}: the id '{raw[i].Id}' is that of {raw[known[raw[i].Id]].Place} too.");
        // Old files name parents by name; a name that several tasks have names none of them.
        foreach (var group in raw.Select((task, i) => (task.Name, Index: i)).Where(t => t.Name is not null).GroupBy(t => t.Name!, StringComparer.Ordinal))
            if (group.Count() == 1) known.TryAdd(group.Key, group.First().Index);

        var parents = raw.Select(_ => new SortedSet<int>()).ToArray();
        for (var i = 0; i < raw.Count; i++)
        {
            foreach (var parent in raw[i].Parents) parents[i].Add(Find(parent, "parents", raw[i]));
            foreach (var child in raw[i].Children) parents[Find(child, "children", raw[i])].Add(i);
        }
        var names = raw.Select(t => ids.For(t.Id)).ToArray();
        var instance = new WfInstance(name, [.. raw.Select((t, i) => new WfTask(names[i], t.Id, t.Seconds, [.. parents[i].Select(p => names[p])]))]);
        var order = instance.InOrder();
        if (order.Count == raw.Count) return instance;
        throw new WfFormatException($"The tasks form a cycle: {string.Join(" -> ", Cycle(instance, order))}.");

        int Find(string id, string list, Raw task) => known.TryGetValue(id, out var index) ? index
            : throw new WfFormatException($"{task.Place}.{list}: there is no task '{id}'.");
    }

    /// <summary>Backwards from a task that never becomes ready, until one comes a second time.</summary>
    private static IEnumerable<string> Cycle(WfInstance instance, List<WfTask> order)
    {
        var done = order.Select(t => t.Id).ToHashSet(StringComparer.Ordinal);
        var path = new List<string>();
        var at = instance.Tasks.First(t => !done.Contains(t.Id));
        while (!path.Contains(at.Original))
        {
            path.Add(at.Original);
            at = instance[at.Parents.First(p => !done.Contains(p))];
        }
        path.Add(at.Original);
        return path[path.IndexOf(at.Original)..].AsEnumerable().Reverse();
    }

    private static IEnumerable<(JsonElement Item, string Place)> Items(JsonElement at, string list, string place)
    {
        if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(list, out var items) || items.ValueKind != JsonValueKind.Array)
            throw new WfFormatException($"{place} has no list '{list}'.");
        var n = 0;
        foreach (var item in items.EnumerateArray())
        {
            var here = $"{place}.{list}[{n++}]";
            yield return item.ValueKind == JsonValueKind.Object ? (item, here) : throw new WfFormatException($"{here} is not an object.");
        }
    }

    private static string? Text(JsonElement at, string key) => at.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string Required(JsonElement at, string key, string place) => Text(at, key) ?? throw new WfFormatException($"{place} has no text '{key}'.");

    private static double Seconds(JsonElement at, string place, params string[] keys)
    {
        foreach (var key in keys)
            if (at.TryGetProperty(key, out var value))
                return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds >= 0 && double.IsFinite(seconds) ? seconds
                    : throw new WfFormatException($"{place}.{key} is {value.GetRawText()}, not a number of seconds.");
        return 0;
    }

    private static List<string> Names(JsonElement at, string key, string place)
    {
        if (!at.TryGetProperty(key, out var list)) return [];
        if (list.ValueKind != JsonValueKind.Array) throw new WfFormatException($"{place}.{key} is not a list.");
        return [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw new WfFormatException($"{place}.{key} holds {e.GetRawText()}, not the id of a task."))];
    }

    private sealed record Raw(string Id, string? Name, double Seconds, List<string> Parents, List<string> Children, string Place);
}
