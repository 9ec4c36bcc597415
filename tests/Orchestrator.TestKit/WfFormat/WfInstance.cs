namespace Orchestrator.TestKit.WfFormat;

/// <summary>A workflow as somebody once ran it: its graph and how long each task took.</summary>
/// <param name="Name">The instance's name as it was given.</param>
/// <param name="Tasks">Its tasks, in the order of the file; each stands in one place only and names its parents by their ids here.</param>
public sealed record WfInstance(string Name, IReadOnlyList<WfTask> Tasks)
{
    private Dictionary<string, WfTask>? _byId;

    /// <summary>A task by its id.</summary>
    public WfTask this[string id] => (_byId ??= Tasks.ToDictionary(t => t.Id, StringComparer.Ordinal))[id];

    /// <summary>Seconds of all tasks together.</summary>
    public double WorkSeconds => Tasks.Sum(t => t.Seconds);

    /// <summary>Seconds of the chain of tasks that takes longest: nothing can carry the instance out in less.</summary>
    public double CriticalSeconds
    {
        get
        {
            var ends = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var task in InOrder()) ends[task.Id] = task.Seconds + task.Parents.Select(p => ends[p]).DefaultIfEmpty(0).Max();
            return ends.Values.Max();
        }
    }

    /// <summary>The same graph with every task's time multiplied, and no task shorter than <paramref name="least"/> seconds.</summary>
    public WfInstance Scaled(double factor, double least = 0) => this with { Tasks = [.. Tasks.Select(t => t with { Seconds = Math.Max(least, Math.Round(t.Seconds * factor, 3)) })], _byId = null };

    /// <summary>The tasks, each behind its parents. Shorter than <see cref="Tasks"/> where there is a cycle.</summary>
    internal List<WfTask> InOrder()
    {
        var children = Tasks.SelectMany(t => t.Parents.Select(p => (Parent: p, Child: t))).ToLookup(e => e.Parent, e => e.Child, StringComparer.Ordinal);
        var open = Tasks.ToDictionary(t => t.Id, t => t.Parents.Count, StringComparer.Ordinal);
        var order = new List<WfTask>(Tasks.Where(t => t.Parents.Count == 0));
        for (var i = 0; i < order.Count; i++)
            foreach (var child in children[order[i].Id])
                if (--open[child.Id] == 0) order.Add(child);
        return order;
    }
}

/// <summary>A task of an instance.</summary>
/// <param name="Id">Its id here: valid in a definition, unique in the instance.</param>
/// <param name="Original">Its id in the file.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Parents">Ids, here, of the tasks that came before it; none twice.</param>
public sealed record WfTask(string Id, string Original, double Seconds, IReadOnlyList<string> Parents);

/// <summary>A file that is no instance; the message names the place.</summary>
public sealed class WfFormatException(string message) : Exception(message);
