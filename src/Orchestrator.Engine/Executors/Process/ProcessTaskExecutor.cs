using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Files;
using Orchestrator.Engine.Secrets;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Kinds run, exec and script: a child process in a group of its own. The caller's thread is used until the program has been started
/// (about half a millisecond): call from the pool to start several at a time.
/// </summary>
public sealed class ProcessTaskExecutor : ITaskExecutor, IDisposable
{
    private static readonly TaskOutcome.Succeeded Done = new();
    private const int BusyRetries = 20;
    // What shells and `env` end with when they find no program, or one that cannot be executed.
    private const int CannotExecute = 126, NotFound = 127;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(5);

    private readonly ProcessTaskOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ChildEnvironment _environment;
    private readonly ProcessLaunches _launches;
    private readonly RunFolders _folders;
    private readonly Readiness _readiness = new();
    private readonly EachSecond _each;
    private readonly PeakSizes _peaks;
    private readonly LogSizes _sizes;
    private readonly KillSet _kills;

    /// <param name="options">Limits; refused when out of range.</param>
    /// <param name="environment">The worker's own environment.</param>
    /// <param name="clock">Measures graces.</param>
    /// <param name="log">Says what people should know.</param>
    public ProcessTaskExecutor(
        ProcessTaskOptions options, IReadOnlyDictionary<string, string> environment, TimeProvider clock, ILogger<ProcessTaskExecutor> log)
    {
        (_options, _clock, _log) = (options.Checked(), clock, log);
        _environment = new(environment);
        _folders = new(options.Disk);
        _launches = new(environment, options.Disk);
        _each = new(clock);
        _peaks = new(_each);
        _sizes = new(options.LogLimit, _each, log);
        _kills = new(_readiness, options, clock, log);
    }

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return new TaskOutcome.Cancelled();
        var place = new AttemptFiles(attempt);
        var secrets = attempt.Patterns;
        ProcessLaunch? launch = null;
        ChildProcess? child = null;
        try
        {
            // Processes of the previous attempt must not run alongside this one. After a success, descendants keep running.
            if (attempt.Attempt > 1) await _kills.EndAsync(attempt.RunId, attempt.Task.Id, stop: stop).ConfigureAwait(false);
            if (!_folders.Ensure(attempt.RunDirectory)) RunFolders.Remove(place.Output, _log);   // of a lost attempt with the same number
            if (attempt.ResultsLeftOut.Count > 0) LeaveOut(attempt.ResultsLeftOut, place, _options.Disk.Modes.File);
            launch = _launches.Plan(attempt, _environment.PathOf(attempt));
            using var capture = OutputCapture.Open(attempt, place, secrets, _readiness, _sizes, _options, _log);
            child = await StartAsync(attempt, launch, place, capture).ConfigureAwait(false);
            _peaks.Add(child);
            capture.Started();
            using (stop.UnsafeRegister(static c => ((ChildProcess)c!).Wake(), child)) await child.Woken.ConfigureAwait(false);
            var outcome = child.TryHold() ? await StopAsync(attempt, child, launch, place, capture).ConfigureAwait(false)
                : capture.IsDrained && !child.GroupMayLive ? Judge(attempt, child, launch, place, capture.Lines, left: 0)
                : await SettleAsync(attempt, child, launch, place, capture).ConfigureAwait(false);
            if (secrets is not null) ScriptSpanFile.Mask(_options.Disk, ScriptSpanFile.Of(attempt.RunDirectory, attempt.Task.Id, attempt.Attempt), secrets);
            return outcome with { LogRef = place.LogRef };
        }
        catch (SpawnRefusedException e)
        {
            return Refused(FailureKind.SpawnError, SecretMasker.Apply(secrets, e.Message), place).By(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(FailureKind.Error, SecretMasker.Apply(secrets, $"The run's folder cannot be used: {e.Message}"), place).By(e);
        }
        finally
        {
            if (child is not null) _peaks.Remove(child);
            if (launch?.ScriptFile is { } script) RunFolders.Remove(script, _log);
            RunFolders.Remove(place.Output, _log);
        }
    }

    /// <summary>Ends the waiting thread. Attempts must have ended.</summary>
    public void Dispose()
    {
        _each.Dispose();
        _kills.Dispose();
        _readiness.Dispose();
    }

    private async ValueTask<ChildProcess> StartAsync(TaskAttempt attempt, ProcessLaunch launch, AttemptFiles place, OutputCapture capture)
    {
        for (var tries = 0; ; tries++)
        {
            var error = Start(attempt, launch, place, capture, out var pid);
            if (error == 0) return ChildProcess.Watch(pid, _readiness);
            if (error == Libc.NotFound && tries == 0 && _folders.Restore(attempt.RunDirectory)) continue;
            // A task before has put something else where the log belongs.
            if (tries == 0 && LogFile.IsPlanted(error) && capture.Target.LogFile is { } log && RunFolders.TryRemovePlanted(log)) continue;
            // Another child being spawned just now inherited our writing descriptor of the script and has not come to its exec yet.
            if (error != Libc.TextBusy || launch.ScriptFile is null || tries >= BusyRetries) throw new SpawnRefusedException(SpawnFailure.Explain(error, launch));
            await Task.Delay(BusyPause, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private int Start(TaskAttempt attempt, ProcessLaunch launch, AttemptFiles place, OutputCapture capture, out int pid)
    {
        using var block = new SpawnBlock();
        foreach (var argument in launch.Argv) block.AddArgument(argument);
        _environment.AddTo(block, attempt, place.Output);
        return Spawner.Start(launch.Program, block, launch.Directory, capture.Target, out pid);
    }

    private async Task<TaskOutcome> StopAsync(TaskAttempt attempt, ChildProcess child, ProcessLaunch launch, AttemptFiles place, OutputCapture capture)
    {
        var marks = MarksOf(attempt);
        ExecutorLog.Stopping(_log, attempt.RunId.ToString(), marks.Task, attempt.Attempt, child.Pid);
        var report = await _kills.EndAsync(child, marks, attempt.Task.Grace, CancellationToken.None).ConfigureAwait(false);
        // A main process that hangs in the kernel is reaped when it ends at last; the run does not wait for it.
        ExitStatus end = default;
        if (!report.Survivors.Contains(child.Pid))
        {
            await child.Exited.ConfigureAwait(false);
            end = child.Status;
        }
        child.Release();
        await capture.DrainAsync(_options.PipeGrace, _clock).ConfigureAwait(false);
        return WithResults(new TaskOutcome.Cancelled(), attempt, place, capture.Lines) with { Process = new(launch.Executable, child.Pid, end.Code, end.Signal, report.Survivors.Count, child.Usage) };
    }

    /// <summary>The process has ended, but its pipes are open yet or its group has other members.</summary>
    private async Task<TaskOutcome> SettleAsync(TaskAttempt attempt, ChildProcess child, ProcessLaunch launch, AttemptFiles place, OutputCapture capture)
    {
        var marks = MarksOf(attempt);
        if (!await capture.DrainAsync(_options.PipeGrace, _clock).ConfigureAwait(false))
            ExecutorLog.PipeAbandoned(_log, attempt.RunId.ToString(), marks.Task, _options.PipeGrace);
        // The scan is dear and the question cheap: descendants that left the group are counted only when a process stayed in it.
        var left = child.GroupMayLive ? await _kills.CountAsync(child.Pid, marks).ConfigureAwait(false) : 0;
        if (left > 0) ExecutorLog.LeftBehind(_log, attempt.RunId.ToString(), marks.Task, attempt.Attempt, left);
        return Judge(attempt, child, launch, place, capture.Lines, left);
    }

    private static ProcessMarks MarksOf(TaskAttempt attempt) => new(attempt.RunId, attempt.Task.Id.ToString(), attempt.Attempt);

    private TaskOutcome Judge(TaskAttempt attempt, ChildProcess child, ProcessLaunch launch, AttemptFiles place, LastJsonLine? lines, int left)
    {
        var status = child.Status;
        return Judge(attempt, launch, status, place, lines) with { Process = new(launch.Executable, child.Pid, status.Code, status.Signal, left, child.Usage) };
    }

    private TaskOutcome Judge(TaskAttempt attempt, ProcessLaunch launch, ExitStatus status, AttemptFiles place, LastJsonLine? lines)
    {
        if (status.Signal is { } signal) return WithResults(new TaskOutcome.Failed(FailureKind.Signal, WithLastWords($"ended by signal {ExitStatus.NameOf(signal)}", place)), attempt, place, lines);
        if (status.Code is not { } code)
            return new TaskOutcome.Failed(FailureKind.Error, "its exit code is unknown, because another part of this program waited for the process");
        if (code != 0 && !attempt.Task.SuccessExitCodes.Contains(code))
            return WithResults(new TaskOutcome.Failed(FailureKind.ExitCode, WithLastWords(string.Create(CultureInfo.InvariantCulture, $"exited with code {code}"), place, code is CannotExecute or NotFound ? CarriageReturns.In(attempt, launch) : null)), attempt, place, lines);
        try
        {
            return ReadResults(place, lines, ResultLimit.Of(attempt.Task, _options)) is { IsEmpty: false } outputs ? new TaskOutcome.Succeeded { Outputs = outputs } : Done;
        }
        catch (OutputProblemException e)
        {
            return new TaskOutcome.Failed(e.Kind, e.Message).By(e);
        }
    }

    /// <summary>What a task wrote before it failed is handed on too. Where that cannot be read the failure is reason enough; the log says why.</summary>
    private TaskOutcome WithResults(TaskOutcome ended, TaskAttempt attempt, AttemptFiles place, LastJsonLine? lines)
    {
        try
        {
            return ReadResults(place, lines is { Line: null } ? null : lines, ResultLimit.Of(attempt.Task, _options)) is { IsEmpty: false } outputs ? ended with { Outputs = outputs } : ended;
        }
        catch (OutputProblemException e)
        {
            LogFile.Note(place.Notes, e.Message, _options.Disk.Modes.File);
            return ended;
        }
    }

    private ImmutableSortedDictionary<string, JsonElement> ReadResults(AttemptFiles place, LastJsonLine? lines, int limit)
    {
        var file = OutputFile.Read(place.Output, limit);
        if (file is null && lines is null) return ImmutableSortedDictionary<string, JsonElement>.Empty;
        var outputs = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        if (lines is { TooLong: true })
            throw new OutputProblemException(FailureKind.OutputLimit, $"The JSON line on standard output is longer than {limit} bytes.");
        if (lines is not null)
            OutputText.ReadObject(lines.Line ?? throw new OutputProblemException(FailureKind.Error,
                "No line of standard output is a JSON object, which `outputs: stdout_json` asks for: print one, on one line, last."), outputs);
        if (file is not null) OutputText.Read(file, outputs);
        return outputs.ToImmutable();
    }

    private static void LeaveOut(IReadOnlyList<string> names, AttemptFiles place, UnixFileMode mode) => LogFile.Note(
        place.Notes, $"left out results that are too large for a variable: {string.Join(", ", names.Take(50))}{(names.Count > 50 ? $" and {names.Count - 50} more" : "")}", mode);

    private static string WithLastWords(string what, AttemptFiles place, string? why = null) =>
        why is not null ? $"{what}: {why}" : (LogTail.LastWords(place.Notes) ?? LogTail.LastWords(place.Log)) is { } words ? $"{what}: {words}" : what;

    // The reason also stands in the log, where people look first.
    private static TaskOutcome.Failed Refused(FailureKind kind, string message, AttemptFiles place)
    {
        var failed = new TaskOutcome.Failed(kind, message);
        try
        {
            LogFile.Note(place.Notes, message, FileModes.OwnerOnly.File);
            return failed with { LogRef = place.LogRef };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return failed;   // no folder, no log
        }
    }
}
