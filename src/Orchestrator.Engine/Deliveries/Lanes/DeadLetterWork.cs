using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Webhook;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Deliveries.Lanes;

/// <summary>The outcome of replaying or discarding chosen dead letters.</summary>
/// <param name="Done">Sent again, or discarded.</param>
/// <param name="Left">Not accepted, or after one that was not.</param>
/// <param name="Problems">A sentence for each sink that did not take all.</param>
internal sealed record DeadLetterResult(int Done, int Left, IReadOnlyList<string> Problems);

/// <summary>Sends dead letters again, or discards them.</summary>
internal sealed class DeadLetterWork(IRunStore store, DeliverySettings settings, SecretSource secrets, TimeProvider clock)
{
    private readonly DeadLetterStore _dead = new(DeliveryLanes.FolderIn(store.State));

    /// <summary>Sends them, oldest first; those that are taken are removed. Later events of a sink are not sent before one that it does not take.</summary>
    public async Task<DeadLetterResult> ReplayAsync(IEnumerable<DeadLetter> letters, CancellationToken stop)
    {
        using var transport = new WebhookTransport(settings.AllowedNetworks, clock);
        var (done, left, problems) = (0, 0, new List<string>());
        foreach (var group in letters.GroupBy(l => l.Sink))
        {
            if (SinkFactory.Find(group.Key, settings, transport, secrets, store) is not { } sink)
            {
                left += group.Count();
                problems.Add($"Sink {group.Key} is no longer configured: its letters cannot be sent. Configure it again, or discard them.");
                continue;
            }
            await using var _ = sink.ConfigureAwait(false);
            foreach (var letter in group)
            {
                var outcome = await sink.TryAsync(letter.ToMessage(), stop).ConfigureAwait(false);
                if (outcome.Answer == DeliveryAnswer.Delivered)
                {
                    done += _dead.Remove(group.Key, new HashSet<Guid> { letter.EventId }, DeadLetterFate.Replayed);
                    continue;
                }
                left += group.Count(l => l.Position >= letter.Position);
                problems.Add($"{group.Key}: {letter.EventId} ({letter.Type}) was not accepted: {outcome.Error}");
                break;
            }
        }
        return new(done, left, problems);
    }

    public DeadLetterResult Discard(IEnumerable<DeadLetter> letters) =>
        new(letters.GroupBy(l => l.Sink).Sum(g => _dead.Remove(g.Key, g.Select(l => l.EventId).ToHashSet(), DeadLetterFate.Discarded)), 0, []);

    /// <summary>Those of these sinks and events that are there. A letter that its sink's account does not know yet is the sink's own to send again.</summary>
    public IReadOnlyList<DeadLetter> Find(Func<DeadLetter, bool> chosen) =>
    [
        .. _dead.Sinks().SelectMany(sink => new LaneFiles(DeliveryLanes.FolderIn(store.State)).Read(sink) is { } state ? _dead.Read(sink).Where(l => l.Position <= state.Position) : _dead.Read(sink)).Where(chosen),
    ];
}
