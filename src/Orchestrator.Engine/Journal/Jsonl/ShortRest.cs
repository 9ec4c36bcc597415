namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>
/// Whether looking out for more work a moment longer pays: it does while it finds some. Beside processes, whose next append is milliseconds
/// away, it is tried once in a while only, since the processor is theirs.
/// </summary>
internal sealed class ShortRest
{
    private const int Most = 8;
    private const int Pause = 64;
    private readonly bool _alone = Environment.ProcessorCount == 1;
    private int _credit = 1;
    private int _skipped;

    public bool IsWorthwhile
    {
        get
        {
            if (_alone) return false;
            if (_credit > 0) return true;
            if (++_skipped < Pause) return false;
            _skipped = 0;
            return true;
        }
    }

    /// <summary>Says what came of the last look.</summary>
    public void Tell(bool found) => _credit = found ? Math.Min(_credit + 2, Most) : Math.Max(_credit - 1, 0);
}
