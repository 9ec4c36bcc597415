using Orchestrator.Core.Lifecycle;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The row of an event: from it the generator makes the record's <see cref="JournalEvent.Type"/>, the tables, the writer and the fast reader. A name or
/// number never changes its meaning.
/// </summary>
/// <param name="name">Its stable name on disk and on the wire, for example <c>task.completed</c>.</param>
/// <param name="number">Its id in logs, 4001 to 4199; a new event takes the next free one.</param>
/// <param name="severity">How much it matters to the reader of a log.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class EventTypeAttribute(string name, int number, EventSeverity severity) : Attribute
{
    public string Name => name;

    public int Number => number;

    public EventSeverity Severity => severity;
}

/// <summary>Few different texts come again and again in this member: reading shares one copy of each.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RecurringAttribute : Attribute;
