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
    public static Guid Of(StreamId stream, long seq)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> text = stackalloc byte[256];
        // A schedule's stream may have a long name; a run's never has.
        if (Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{stream.ToString()}#{seq}", out var length)) SHA256.HashData(text[..length], hash);
        else SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{stream}#{seq}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
