using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Engine.Running;

/// <summary>
/// Runs that wait for a place among the running ones, first come, first served. A run that ends while it waits leaves at once as far as
/// anybody can see; its entry goes when it comes to the head or when such entries are the larger part.
/// </summary>
internal sealed class RunLine
{
    private const int FewEntries = 64;
    private Queue<OpenRun> _entries = new();
    private int _left;

    public int Count => _entries.Count - _left;

    /// <summary>When the first in line was accepted; null when nobody waits.</summary>
    public DateTimeOffset? Oldest => _entries.TryPeek(out var first) ? first.Id.Time : null;

    public void Add(OpenRun run)
    {
        run.IsInLine = true;
        _entries.Enqueue(run);
    }

    public bool TryTake([NotNullWhen(true)] out OpenRun? run)
    {
        if (!_entries.TryDequeue(out run)) return false;
        run.IsInLine = false;
        DropHeads();
        return true;
    }

    /// <summary>The run waits no longer; nothing happens when it did not.</summary>
    public void Leave(OpenRun run)
    {
        if (!run.IsInLine) return;
        run.IsInLine = false;
        _left++;
        DropHeads();
        if (_entries.Count <= FewEntries || _left <= _entries.Count / 2) return;
        _entries = new(_entries.Where(r => r.IsInLine));
        _left = 0;
    }

    // So that the head is always a run that waits.
    private void DropHeads()
    {
        while (_entries.TryPeek(out var head) && !head.IsInLine)
        {
            _entries.Dequeue();
            _left--;
        }
    }
}
