using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Where one attempt's output goes. Straight into the log when the output needs no check; through pipes when it could hold a secret, or
/// when results are read from standard output (then standard error has a pipe of its own).
/// </summary>
internal sealed class OutputCapture : IDisposable
{
    private readonly LogSizes? _sizes;
    private readonly AttemptFiles _place;
    private readonly AttemptLog? _log, _errors;
    private readonly OutputPipe? _output, _error;

    private OutputCapture(AttemptFiles place, LogSizes sizes, UnixFileMode mode)
    {
        (_place, _sizes) = (place, sizes);
        Target = ChildOutput.ToFile(place.Log, mode, place.Errors);
        sizes.Add(place.Log);
        if (place.Errors is { } errors) sizes.Add(errors);
    }

    private OutputCapture(AttemptFiles place, Func<string, AttemptLog> open, Readiness readiness, SecretPatterns? secrets, LastJsonLine? lines)
    {
        (_place, Lines) = (place, lines);
        try
        {
            _log = open(place.Log);
            _errors = place.Errors is { } errors ? open(errors) : null;
            _output = new(readiness, _log, secrets, lines);
            _error = lines is null && _errors is null ? null : new(readiness, _errors ?? _log, secrets, null);
        }
        catch
        {
            Dispose();
            throw;
        }
        Target = new(null, _output.WriteEnd, (_error ?? _output).WriteEnd);
    }

    /// <summary>What the child gets.</summary>
    public ChildOutput Target { get; }

    /// <summary>The results on standard output, if they are wanted.</summary>
    public LastJsonLine? Lines { get; }

    public static OutputCapture Open(
        TaskAttempt attempt, AttemptFiles place, SecretPatterns? secrets, Readiness readiness, LogSizes sizes, ProcessTaskOptions options, ILogger log)
    {
        var wanted = attempt.Task.Outputs == OutputSource.StdoutJson;
        return secrets is null && !wanted ? new(place, sizes, options.Disk.Modes.File)
            : new(place, path => new AttemptLog(path, options.LogLimit, options.Disk.Modes.File, log), readiness, secrets, wanted ? new(Results.ResultLimit.Of(attempt.Task, options)) : null);
    }

    /// <summary>The child has its ends.</summary>
    public void Started()
    {
        _output?.CloseWriteEnd();
        _error?.CloseWriteEnd();
    }

    /// <summary>Nothing is under way: the child wrote into the file itself.</summary>
    public bool IsDrained => _output is null;

    /// <summary>Takes what is left after the main process ended. False when a descendant kept a pipe open past the grace.</summary>
    public async ValueTask<bool> DrainAsync(TimeSpan grace, TimeProvider clock)
    {
        if (_output is null) return true;
        var ended = _error is null ? _output.Ended : Task.WhenAll(_output.Ended, _error.Ended);
        if (!ended.IsCompleted)
            await ended.WaitAsync(grace, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var all = ended.IsCompleted;
        _output.Dispose();
        _error?.Dispose();
        return all;
    }

    public void Dispose()
    {
        _output?.Dispose();
        _error?.Dispose();
        _log?.Dispose();
        _errors?.Dispose();
        _sizes?.Remove(_place.Log);
        if (_place.Errors is { } errors) _sizes?.Remove(errors);
    }
}
