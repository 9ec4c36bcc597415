using Orchestrator.Core.Runs;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Shows a run while it goes on. Told of events in order, by one caller at a time.</summary>
internal interface IRunProgress : IDisposable
{
    void Show(RecordedEvent recorded);
}

/// <summary>A line for each event: for pipes, files and logs of other programs.</summary>
internal sealed class PlainProgress(TextWriter output) : IRunProgress
{
    public void Show(RecordedEvent recorded)
    {
        if (EventLine.Of(recorded) is { } line) output.WriteLine(line);
    }

    public void Dispose()
    {
    }
}
