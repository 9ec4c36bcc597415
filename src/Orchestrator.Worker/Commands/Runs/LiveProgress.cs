using System.Globalization;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>
/// What has ended scrolls by; what runs now stands below it with its elapsed time, rewritten in place. Plain ANSI sequences, because
/// loading a console library takes longer than starting the first task.
/// </summary>
internal sealed class LiveProgress : IRunProgress
{
    private const int MaxLines = 8;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private readonly Dictionary<TaskId, (long Since, int Attempt)> _running = [];
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly Func<int> _width;
    private readonly ITimer _timer;
    private int _drawn;
    private int _done;
    private int _total;
    private bool _closed;

    public LiveProgress(TextWriter output, TimeProvider clock, Func<int> width)
    {
        (_output, _clock, _width) = (output, clock, width);
        _timer = clock.CreateTimer(_ => Draw(null), null, Refresh, Refresh);
    }

    public void Show(RecordedEvent recorded)
    {
        lock (_gate) Note(recorded.Event);
        Draw(recorded.Event is TaskStarted ? null : EventLine.Of(recorded));
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _closed = true;
            var text = new StringBuilder();
            Erase(text);
            _output.Write(text);
        }
    }

    private void Note(JournalEvent e)
    {
        switch (e)
        {
            case WorkflowStarted started: _total = started.TotalTasks; break;
            case TaskStarted started: _running[started.Task] = (_clock.GetTimestamp(), started.Attempt); break;
            case TaskExpanded expanded: _total += expanded.Items.GetArrayLength(); break;
            case TaskRetrying retrying: _running.Remove(retrying.Task); break;
            case TaskCompleted or TaskFailed or TaskSkipped or TaskCancelled:
                _running.Remove(((TaskEvent)e).Task);
                if (((TaskEvent)e).Role is null) _done++;
                break;
        }
    }

    private void Draw(string? line)
    {
        lock (_gate)
        {
            if (_closed) return;
            var text = new StringBuilder();
            Erase(text);
            var width = Math.Max(20, _width());
            if (line is not null) text.Append(line).Append('\n');
            foreach (var (task, (since, attempt)) in _running.Take(MaxLines))
                Add(text, width, $"  {task}{(attempt > 1 ? $" (attempt {attempt})" : "")}  {Printable.Duration(_clock.GetElapsedTime(since).TotalMilliseconds)}");
            if (_running.Count > MaxLines) Add(text, width, $"  and {_running.Count - MaxLines} more");
            if (_total > 0) Add(text, width, string.Create(CultureInfo.InvariantCulture, $"  {_done} of {_total} done, {_running.Count} running"));
            _output.Write(text);
            _output.Flush();
        }
    }

    private void Add(StringBuilder text, int width, string line)
    {
        text.Append("\e[2m").Append(line.Length < width ? line : line[..(width - 1)]).Append("\e[0m\n");
        _drawn++;
    }

    // Up to the first line of the block, then clear to the end of the screen.
    private void Erase(StringBuilder text)
    {
        if (_drawn > 0) text.Append(CultureInfo.InvariantCulture, $"\e[{_drawn}F\e[J");
        _drawn = 0;
    }
}
