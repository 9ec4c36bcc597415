using System.CommandLine;
using Orchestrator.Core;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>Options that pick runs by more than state and workflow.</summary>
internal sealed class RunFilterOptions
{
    private readonly Option<string?> _since = new("--since") { Description = $"Only runs accepted since then: {PastTime.Help}.", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "Only runs accepted before then.", HelpName = "TIME" };
    private readonly Option<string?> _trigger = new("--trigger") { Description = "Only runs started by this.", HelpName = string.Join('|', Words.All<TriggerKind>()) };
    private readonly Option<string?> _schedule = new("--schedule") { Description = "Only runs of this schedule.", HelpName = "WORKFLOW/ID" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Only runs of this tenant.", HelpName = "NAME" };
    private readonly Option<string[]> _labels = new("--label") { Description = "Only runs with this label; may be given more than once.", HelpName = "KEY=VALUE" };

    public RunFilterOptions()
    {
        _trigger.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } word && !Words.TryParse<TriggerKind>(word, out _))
                given.AddError($"--trigger must be one of {string.Join(", ", Words.All<TriggerKind>())}, was '{word}'.");
        });
        _labels.Validators.Add(given =>
        {
            foreach (var token in given.Tokens)
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) given.AddError($"--label must be KEY=VALUE, was '{token.Value}'.");
        });
    }

    public IReadOnlyList<Option> All => [_since, _until, _trigger, _schedule, _tenant, _labels];

    /// <summary>A filter with what was given.</summary>
    /// <exception cref="CommandFailure">A time cannot be read, or the window is empty.</exception>
    public RunFilter Read(ParseResult parsed, RunFilter filter, DateTimeOffset now)
    {
        var read = filter with
        {
            Since = parsed.GetValue(_since) is { } since ? PastTime.Read(since, now) : null,
            Until = parsed.GetValue(_until) is { } until ? PastTime.Read(until, now, "--until") : null,
            Trigger = Words.TryParse<TriggerKind>(parsed.GetValue(_trigger), out var trigger) ? trigger : null,
            Schedule = parsed.GetValue(_schedule), Tenant = parsed.GetValue(_tenant),
            Labels = [.. (parsed.GetValue(_labels) ?? []).Select(l => l.Split('=', 2)).Select(l => KeyValuePair.Create(l[0], l[1]))],
        };
        return read is { Since: { } from, Until: { } to } && from >= to
            ? throw new CommandFailure(ExitCode.Usage, "--since is not before --until.", "Give an earlier --since, or a later --until.") : read;
    }
}
