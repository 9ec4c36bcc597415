using System.Collections;

namespace Orchestrator.Worker.Commands;

/// <summary>
/// A log record of a verb: a sentence, and its members under their names. There is no template, because not every verb knows every one of them.
/// </summary>
internal sealed class VerbRecord(string sentence, IEnumerable<KeyValuePair<string, object?>> members) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _members = [.. members];

    public int Count => _members.Length;

    public KeyValuePair<string, object?> this[int index] => _members[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _members.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => sentence;
}
