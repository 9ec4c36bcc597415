using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Triggers;
using Orchestrator.Core.Triggers.Files;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Triggers.Files;

/// <summary>Looks for the files of one trigger, again and again, and delivers those that have been the same for long enough.</summary>
internal sealed class FolderWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly LiveTriggers _triggers;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _retryDelay;
    private readonly ILogger _log;
    private readonly KnownFiles _files;
    private readonly WorkflowDefinition _workflow;
    private readonly TriggerDefinition _trigger;
    private readonly PathPattern _pattern;
    private readonly string _folder;
    private readonly long _began;
    private FileWatch? _watch;
    private ImmutableList<string>? _kept;
    private string? _trouble;
    private Task _looking = Task.CompletedTask;

    public FolderWatch(
        WorkflowDefinition workflow, TriggerDefinition trigger, StateFolder state, LiveTriggers triggers, TimeProvider clock, TriggerOptions options, ILogger log)
    {
        (_workflow, _trigger, _triggers, _clock, _retryDelay, _log) = (workflow, trigger, triggers, clock, options.RetryDelay, log);
        _files = new(state, Key);
        _pattern = PathPattern.Read(Rule.Path, out var problem) ?? throw new InvalidOperationException(problem);
        _folder = Path.GetFullPath(_pattern.Folder, workflow.BaseDir ?? Directory.GetCurrentDirectory());
        _began = clock.GetTimestamp();
    }

    public string Key => $"{_workflow.Name}/{_trigger.Id}";

    /// <summary>Whether it is the watch of this definition.</summary>
    public bool IsOf(WorkflowDefinition workflow) => ReferenceEquals(_workflow, workflow);

    public void Start() => _looking = Task.Run(() => LookAsync(_stopping.Token));

    /// <summary>Ends the look that is under way and makes no other.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private FilesTrigger Rule => _trigger.Files!;

    // The pattern as it is written: moving the definition's folder moves what it looks at.
    private string Place => $"{_folder}\n{Rule.Path}";

    private async Task LookAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var wait = _retryDelay;
            try { wait = await OnceAsync(stop).ConfigureAwait(false); }
            catch (Exception) when (stop.IsCancellationRequested) { }
            catch (Exception e) { _log.LookFailed(e, Key, _retryDelay); }
            await Task.Delay(wait, _clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One look; how long until the next.
    private async Task<TimeSpan> OnceAsync(CancellationToken stop)
    {
        if (await ListAsync(stop).ConfigureAwait(false) is not (var found, var areMore)) return Rule.Interval;
        _watch ??= Begin(found, areMore);
        if (_watch is null) return Rule.Interval;
        var look = _watch.Look(found, Rule.Stable, _clock.GetElapsedTime(_began));
        _watch = look.Watch;
        try
        {
            foreach (var file in look.Ripe) await DeliverAsync(file, stop).ConfigureAwait(false);
        }
        finally { Keep(_watch.Known); }
        var next = look.Next - _clock.GetElapsedTime(_began);
        return next < Rule.Interval ? next > TimeSpan.Zero ? next.Value : TimeSpan.Zero : Rule.Interval;
    }

    // What is there at a trigger's first look arrived before the trigger, unless it is asked for.
    // Null: there are more than can be told apart from later ones, so it does not begin yet.
    private FileWatch? Begin(List<FoundFile> found, bool areMore)
    {
        if (_files.Read(Place) is { } known)
        {
            var watch = FileWatch.Of(known);
            _kept = watch.Known;
            return watch;
        }
        if (areMore && !Rule.Existing) return null;
        var first = FileWatch.Of(Rule.Existing ? [] : found.Select(f => f.Fingerprint));
        Keep(first.Known);
        _log.FirstLook(Key, _folder, first.Known.Count);
        return first;
    }

    // A write that failed is made up for by the next look.
    private void Keep(ImmutableList<string> known)
    {
        if (ReferenceEquals(known, _kept)) return;
        _files.Write(Place, known);
        _kept = known;
    }

    private async Task<(List<FoundFile> Found, bool AreMore)?> ListAsync(CancellationToken stop)
    {
        try
        {
            var (files, areMore) = FileListing.Of(_folder, _pattern);
            await TroubleAsync(areMore ? (RejectReasons.TooMany,
                $"There are more than {FileListing.MaxFiles} files for {Rule.Path} in {_folder}: the others are not looked at. Move those that are done.") : null, stop).ConfigureAwait(false);
            return (files, areMore);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await TroubleAsync((RejectReasons.Unreadable, $"Folder {_folder} cannot be read: {e.Message}"), stop).ConfigureAwait(false);
            return null;
        }
    }

    // Said when it begins: what follows is the same.
    private async Task TroubleAsync((string Reason, string Error)? trouble, CancellationToken stop)
    {
        if (trouble?.Reason == _trouble) return;
        if (trouble is { } now) await _triggers.RejectAsync(_workflow, _trigger, new(now.Reason) { Error = now.Error }, stop).ConfigureAwait(false);
        _trouble = trouble?.Reason;
    }

    private async Task DeliverAsync(FoundFile file, CancellationToken stop)
    {
        FileFate fate;
        string? sha256;
        try
        {
            (fate, sha256) = await FileContent.CheckAsync(Path.Combine(_folder, file.Path), file, Rule.OncePer == FileIdentity.Content, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TriggerInput.Reject unreadable = new(RejectReasons.Unreadable) { DeliveryId = file.DeliveryId(null), Error = $"{file.Path} cannot be read: {e.Message}" };
            await _triggers.RejectAsync(_workflow, _trigger, unreadable, stop).ConfigureAwait(false);
            _watch = _watch!.Refused(file);
            return;
        }
        if (fate == FileFate.Other) _watch = _watch!.Refused(file);   // a FIFO, a socket: it has no content
        if (fate != FileFate.Same) return;
        var now = _clock.GetUtcNow();
        Delivery delivery = new(file.DeliveryId(sha256), TriggerSource.Files, file.ToFacts(_trigger, _folder, sha256, now));
        var answer = await _triggers.DeliverByRuleAsync(_workflow, _trigger, delivery, stop).ConfigureAwait(false);
        _watch = answer switch
        {
            DeliveryAnswer.Rejected { Reason: RejectReasons.Backlog } => _watch!,   // it passes: the next look delivers it
            DeliveryAnswer.Rejected => _watch!.Refused(file),
            _ => _watch!.Took(file),
        };
    }
}
