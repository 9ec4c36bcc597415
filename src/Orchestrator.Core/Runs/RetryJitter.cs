using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>
/// Decorrelated jitter: each delay is drawn between the initial delay and three times the one before, and is never above the maximum. The
/// draws follow from run, task and number of the attempt, so a replay gives the same delays and nothing need be remembered.
/// </summary>
internal static class RetryJitter
{
    /// <summary>The delay after the failed attempt <paramref name="attempt"/> (1-based).</summary>
    public static TimeSpan DelayAfter(RetryPolicy policy, RunId run, TaskId task, int attempt)
    {
        var least = policy.InitialDelay.TotalMilliseconds;
        var most = policy.MaxDelay.TotalMilliseconds;
        var delay = least;
        for (var at = 1; at <= attempt; at++)
            delay = Math.Min(most, least + (Draw(run, task, at) * (3 * delay - least)));
        return TimeSpan.FromMilliseconds(Math.Round(Math.Min(delay, most), 3));
    }

    /// <summary>At least 0, below 1.</summary>
    private static double Draw(RunId run, TaskId task, int attempt)
    {
        var seed = string.Create(CultureInfo.InvariantCulture, $"{run}\n{task}\n{attempt}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(seed), hash);
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
