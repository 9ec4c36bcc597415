using System.Buffers;
using System.Text;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// Replaces every secret in a stream of bytes by <c>***</c>, wherever the stream is cut into chunks. Finds that overlap or touch are masked as one. Other
/// bytes pass unchanged, valid UTF-8 or not. Held back is only what could still become a secret.
/// </summary>
internal sealed class SecretMasker(SecretPatterns patterns)
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    private const int LongestSlice = 64 * 1024;
    private readonly SecretScan _scan = new(patterns);
    private readonly ArrayBufferWriter<byte> _held = new(256);
    private long _masked = -1;   // where the last mask ends that was written

    /// <summary>A masked copy of a text.</summary>
    public static string Apply(SecretPatterns? patterns, string text)
    {
        if (patterns is null) return text;
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        var masker = new SecretMasker(patterns);
        masker.Write(Encoding.UTF8.GetBytes(text), output);
        masker.Complete(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public void Write(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output)
    {
        for (; !chunk.IsEmpty; chunk = chunk[Math.Min(chunk.Length, LongestSlice)..])
        {
            var slice = chunk[..Math.Min(chunk.Length, LongestSlice)];
            _scan.Read(slice, isEnd: false);
            Take(slice, _scan.Settled, output);
        }
    }

    /// <summary>The stream has ended: what was held back is judged as it is.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        _scan.Read([], isEnd: true);
        Take([], _scan.End, output);
    }

    private void Take(ReadOnlySpan<byte> slice, long upTo, IBufferWriter<byte> output)
    {
        if (_held.WrittenCount > 0)
        {
            _held.Write(slice);
            slice = _held.WrittenSpan;
        }
        var begin = _scan.End - slice.Length;
        Release(slice, begin, upTo, output);
        var rest = slice[(int)(upTo - begin)..].ToArray();
        _held.ResetWrittenCount();
        _held.Write(rest);
    }

    private void Release(ReadOnlySpan<byte> text, long begin, long upTo, IBufferWriter<byte> output)
    {
        var finds = _scan.Finds;
        finds.Sort();
        var (at, later) = (begin, 0);
        for (var i = 0; i < finds.Count; i++)
        {
            var find = finds[i];
            if (find.To > upTo) finds[later++] = new(Math.Max(find.From, upTo), find.To);
            var (from, to) = (Math.Max(find.From, begin), Math.Min(find.To, upTo));
            if (from >= upTo || to <= at && to <= _masked) continue;
            if (from > at) output.Write(text[(int)(at - begin)..(int)(from - begin)]);
            if (from > _masked) output.Write("***"u8);
            (at, _masked) = (Math.Max(at, to), Math.Max(_masked, to));
        }
        if (upTo > at) output.Write(text[(int)(at - begin)..(int)(upTo - begin)]);
        finds.RemoveRange(later, finds.Count - later);
    }
}
