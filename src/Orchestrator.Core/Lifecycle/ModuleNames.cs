using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// Children of a fan-out seen as modules: a module's name is that of its item where it has one, else the child's id; how many there are and how many are
/// done.
/// </summary>
internal sealed class ModuleNames
{
    private readonly Dictionary<TaskId, JsonElement> _items = [];
    private readonly Dictionary<TaskId, int> _done = [];

    /// <summary>Whether no task has had children yet.</summary>
    public bool AreNone => _items.Count == 0;

    public void Remember(JournalEvent e)
    {
        if (e is TaskExpanded { Items.ValueKind: JsonValueKind.Array } expanded) _items[expanded.Task] = expanded.Items;
    }

    /// <summary>The child's module; null for a task that is no child of a fan-out.</summary>
    public string? Of(TaskId task)
    {
        if (!task.TrySplit(out var parent, out var item) || !_items.TryGetValue(parent, out var items)) return null;
        return item < items.GetArrayLength() && ItemName.Of(items[item]) is { } name ? name : task.ToString();
    }

    /// <summary>Counts the child as done; how many of its siblings are, and how many there are.</summary>
    public (int Completed, int Total) Done(TaskId task)
    {
        if (!task.TrySplit(out var parent, out _) || !_items.TryGetValue(parent, out var items)) return default;
        return (_done[parent] = _done.GetValueOrDefault(parent) + 1, items.GetArrayLength());
    }
}
