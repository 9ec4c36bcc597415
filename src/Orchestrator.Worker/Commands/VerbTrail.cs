namespace Orchestrator.Worker.Commands;

/// <summary>What a verb says of itself to the log while it works.</summary>
internal sealed class VerbTrail
{
    private readonly List<KeyValuePair<string, object?>> _notes = [];

    /// <summary>Ids and numbers noted so far, in that order.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Notes => _notes;

    /// <summary>Adds the verb's log to a logger factory; null where none is configured.</summary>
    public Action<ILoggingBuilder>? Log { get; set; }

    /// <summary>Says what the verb is about or what it did; the last word counts.</summary>
    public void Note(string name, object value)
    {
        _notes.RemoveAll(n => n.Key == name);
        _notes.Add(new(name, value));
    }
}
