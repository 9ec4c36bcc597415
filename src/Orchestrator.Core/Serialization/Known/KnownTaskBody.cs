using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Serialization.Known;

/// <summary>Data of the task events there are most of. A member that is not named here, such as results, is left to the general reader.</summary>
internal static class KnownTaskBody
{
    public static TaskEvent? TryRead(scoped ReadOnlySpan<byte> type, scoped ref LineCursor at, ReadOnlySpan<byte> task, int attempt) =>
        type.SequenceEqual("task.started"u8) ? Started(ref at, task, attempt)
        : type.SequenceEqual("task.completed"u8) ? Completed(ref at, task, attempt)
        : type.SequenceEqual("task.queued"u8) ? Queued(ref at, task, attempt)
        : null;

    private static TaskQueued? Queued(scoped ref LineCursor at, ReadOnlySpan<byte> task, int attempt)
    {
        if (!at.Skip("\"reason\":\""u8) || !at.Text(out var reason)) return null;
        string? pool = null;
        if (at.Skip(",\"pool\":\""u8))
        {
            if (!at.Text(out var name)) return null;
            pool = KnownTexts.Of(name);
        }
        if (!TryRole(ref at, out var role) || attempt != 0) return null;
        var text = KnownTexts.Of(reason);
        return new(KnownTexts.TaskOf(task), text) { Pool = pool ?? Upcast.PoolIn(text), Role = role };
    }

    private static TaskStarted? Started(scoped ref LineCursor at, ReadOnlySpan<byte> task, int attempt)
    {
        if (!at.Skip("\"max_attempts\":"u8) || !at.Whole(out int most) || !at.Skip(",\"executor\":\""u8) || !at.Text(out var executor) || !TryRole(ref at, out var role)) return null;
        return new(KnownTexts.TaskOf(task), attempt, most, KnownTexts.Of(executor)) { Role = role };
    }

    private static TaskCompleted? Completed(scoped ref LineCursor at, ReadOnlySpan<byte> task, int attempt)
    {
        if (!at.Skip("\"duration_ms\":"u8) || !at.Number(out var duration) || !at.Skip(",\"queue_ms\":"u8) || !at.Number(out var queue)) return null;
        if (!at.Skip(",\"attempts\":"u8) || !at.Whole(out int attempts)) return null;
        int? exitCode = null;
        if (at.Skip(",\"exit_code\":"u8))
        {
            if (!at.Whole(out int code)) return null;
            exitCode = code;
        }
        if (!at.Skip(",\"attempt_duration_ms\":"u8) || !at.Number(out var ofAttempt)) return null;
        var resumed = at.Skip(",\"resumed\":true"u8);
        ProcessFacts? process = null;
        if (at.Skip(",\"process\":{"u8) && (process = Process(ref at)) is null) return null;
        string? log = null;
        if (at.Skip(",\"log_ref\":\""u8))
        {
            if (!at.Text(out var reference)) return null;
            log = System.Text.Encoding.UTF8.GetString(reference);
        }
        return !TryRole(ref at, out var role) ? null : new(KnownTexts.TaskOf(task), attempt)
        {
            DurationMs = duration, QueueMs = queue, Attempts = attempts, ExitCode = exitCode, AttemptDurationMs = ofAttempt, Resumed = resumed, Process = process, LogRef = log, Role = role,
        };
    }

    private static ProcessFacts? Process(scoped ref LineCursor at)
    {
        if (!at.Skip("\"executable\":\""u8) || !at.Text(out var executable) || !at.Skip(",\"pid\":"u8) || !at.Whole(out int pid)) return null;
        int? exitCode = null;
        if (at.Skip(",\"exit_code\":"u8))
        {
            if (!at.Whole(out int code)) return null;
            exitCode = code;
        }
        if (!at.Skip(",\"left_behind\":"u8) || !at.Whole(out int left)) return null;
        ProcessUsage? usage = null;
        if (at.Skip(",\"usage\":{"u8) && (usage = Usage(ref at)) is null) return null;
        return at.Skip("}"u8) ? new(KnownTexts.Of(executable), pid, exitCode, null, left, usage) : null;
    }

    private static ProcessUsage? Usage(scoped ref LineCursor at)
    {
        if (!at.Skip("\"cpu_user_ms\":"u8) || !at.Number(out var user) || !at.Skip(",\"cpu_system_ms\":"u8) || !at.Number(out var system)) return null;
        long? peak = null;
        if (at.Skip(",\"peak_memory_bytes\":"u8))
        {
            if (!at.Whole(out long bytes)) return null;
            peak = bytes;
        }
        if (!at.Skip(",\"disk_read_bytes\":"u8) || !at.Whole(out long read) || !at.Skip(",\"disk_write_bytes\":"u8) || !at.Whole(out long written)) return null;
        return at.Skip("}"u8) ? new(user, system, peak, read, written) : null;
    }

    // The last member of all task events.
    private static bool TryRole(scoped ref LineCursor at, out string? role)
    {
        role = null;
        if (at.Skip("}"u8)) return true;
        if (!at.Skip(",\"role\":\""u8) || !at.Text(out var text) || !at.Skip("}"u8)) return false;
        role = KnownTexts.Of(text);
        return true;
    }
}
