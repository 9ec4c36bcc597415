using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization.Known;

/// <summary>Data of events that every run has. Their states are what their type says, so those texts are only skipped.</summary>
internal static class KnownRunBody
{
    public static RunEvent? TryRead(scoped ReadOnlySpan<byte> type, scoped ref LineCursor at) =>
        type.SequenceEqual("workflow.queued"u8) ? Queued(ref at)
        : type.SequenceEqual("workflow.started"u8) ? Started(ref at)
        : type.SequenceEqual("workflow.completed"u8) ? Completed(ref at)
        : null;

    private static WorkflowQueued? Queued(scoped ref LineCursor at)
    {
        if (!at.Skip("\"reason\":\""u8) || !at.Text(out var reason) || !at.Skip(",\"queue\":\""u8) || !at.Text(out var queue)) return null;
        if (!at.Skip(",\"priority\":"u8) || !at.Whole(out int priority) || !at.Skip(",\"position\":"u8) || !at.Whole(out int position)) return null;
        if (!at.Skip(",\"status_from\":\"pending\",\"status_to\":\"queued\"}"u8)) return null;
        return new(KnownTexts.Of(reason), KnownTexts.Of(queue), priority, position);
    }

    private static WorkflowStarted? Started(scoped ref LineCursor at)
    {
        if (!at.Skip("\"total_tasks\":"u8) || !at.Whole(out int total) || !at.Skip(",\"stages\":[],\"queue_wait_ms\":"u8) || !at.Number(out var wait)) return null;
        if (!at.Skip(",\"reason\":\""u8) || !at.Text(out var reason) || !at.Skip(",\"owner_epoch\":"u8) || !at.Whole(out int epoch)) return null;
        if (!at.Skip(",\"instance_id\":\""u8) || !at.Text(out var instance) || !at.Skip(",\"status_from\":\"queued\",\"status_to\":\"running\"}"u8)) return null;
        return new() { TotalTasks = total, QueueWaitMs = wait, Reason = KnownTexts.Of(reason), OwnerEpoch = epoch, InstanceId = KnownTexts.Of(instance) };
    }

    private static WorkflowCompleted? Completed(scoped ref LineCursor at)
    {
        if (!at.Skip("\"success\":true,\"stages_executed\":[],\"status_to\":\"completed\",\"total\":"u8) || !at.Whole(out int total)) return null;
        if (!at.Skip(",\"completed\":"u8) || !at.Whole(out int completed) || !at.Skip(",\"failed\":"u8) || !at.Whole(out int failed)) return null;
        if (!at.Skip(",\"failed_allowed\":"u8) || !at.Whole(out int allowed) || !at.Skip(",\"skipped\":"u8) || !at.Whole(out int skipped)) return null;
        if (!at.Skip(",\"cancelled\":"u8) || !at.Whole(out int cancelled) || !at.Skip(",\"duration_ms\":"u8) || !at.Number(out var duration)) return null;
        if (!at.Skip(",\"reason\":\""u8) || !at.Text(out var reason) || !at.Skip(",\"status_from\":\"running\"}"u8)) return null;
        return new()
        {
            Counts = new(total, completed, failed, allowed, skipped, cancelled), DurationMs = duration, Reason = KnownTexts.Of(reason),
        };
    }
}
