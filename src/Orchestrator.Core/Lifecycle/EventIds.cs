using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Lifecycle;

/// <summary>
/// An event's id is derived from its place, so that every reader at any time gives the same event the same id and
/// consumers can drop what they have seen.
/// </summary>
public static class EventIds
{
    /// <summary>UUIDv8 (RFC 9562) of SHA-256(<c>{stream}#{seq}</c>).</summary>
    public static Guid Of(StreamId stream, long seq) => Of(stream, seq, "");

    /// <summary>
    /// UUIDv8 (RFC 9562) of SHA-256(<c>{installation}|{stream}#{seq}</c>). Streams of schedules and workers have the same names in every installation that
    /// has the same workflows; a run's name is its own, so its events are not asked for this.
    /// </summary>
    /// <param name="stream">The event's stream.</param>
    /// <param name="seq">Its number there, from 1.</param>
    /// <param name="installation">Id of the installation; null: it has none.</param>
    public static Guid OfSystem(StreamId stream, long seq, string? installation) => Of(stream, seq, installation is null ? "" : $"{installation}|");

    private static Guid Of(StreamId stream, long seq, string prefix)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> text = stackalloc byte[256];
        // A schedule's stream may have a long name; a run's never has.
        if (Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{prefix}{stream.ToString()}#{seq}", out var length)) SHA256.HashData(text[..length], hash);
        else SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}{stream}#{seq}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
