using System.Buffers;

namespace Orchestrator.Engine.Secrets;

/// <summary>
/// Looks for secrets in a stream of bytes, wherever it is cut into chunks: as they are, with escapes undone, and in base64 and hexadecimal digits of that.
/// Each byte is looked at once by each, so the time is that of the stream's length, whatever the number of secrets.
/// </summary>
internal sealed class SecretScan
{
    private static readonly SearchValues<byte> s_base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8);
    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> s_hexPassed = SearchValues.Create("0123456789abcdefABCDEF :,-\t\r\n"u8);

    private readonly FormAutomaton _texts;
    private readonly SymbolScan _decoded, _base64, _hex;
    private readonly bool _derives, _decodedIsAll, _quotes;
    private readonly byte[] _pending = new byte[EscapedText.LongestToken];   // the beginning of a token
    private readonly Dictionary<long, int> _leftOut = [];   // tokens that encode quotes, by their places
    private byte[] _bytes = [], _lengths = [];
    private int[] _at = [];
    private int _plain, _pendingCount;

    public SecretScan(SecretPatterns secrets)
    {
        _texts = secrets.Plain;
        (_decoded, _base64, _hex) = (new(secrets.Decoded), new(secrets.Base64, s_base64), new(secrets.Hex, s_hex, " :,-", s_hexPassed));
        _derives = secrets.Hex.Longest > 0;
        _quotes = secrets.HaveQuotesAtEnds;
        _decodedIsAll = _texts.Shortest >= SecretForms.ShortestDistinctive;
    }

    /// <summary>What was found and is not taken away, in no order.</summary>
    public List<SecretFind> Finds { get; } = [];

    /// <summary>How many bytes were read.</summary>
    public long End { get; private set; }

    /// <summary>No find that comes later begins before this.</summary>
    public long Settled => Math.Min(Math.Min(End - Math.Max(_texts.Depth(_plain), _pendingCount), _decoded.Held(End)), Math.Min(_base64.Held(End), _hex.Held(End)));

    /// <param name="text">What comes next.</param>
    /// <param name="isEnd">Nothing comes after it.</param>
    public void Read(ReadOnlySpan<byte> text, bool isEnd)
    {
        var isPlain = _derives && _pendingCount == 0 && EscapedText.IsPlain(text);
        if (isPlain && _decodedIsAll && text.Length > 2 * _texts.Longest)
        {
            // In text without escapes what is decoded is what there is: only what reaches into its neighbours is looked at twice.
            ReadPlain(text[.._texts.Longest], End);
            _plain = 0;
            ReadPlain(text[^_texts.Longest..], End + text.Length - _texts.Longest);
        }
        else ReadPlain(text, End);
        if (isPlain) Look(text, [], [], End);
        else if (_derives) ReadDecoded(text, isEnd);
        End += text.Length;
    }

    private void ReadPlain(ReadOnlySpan<byte> text, long start)
    {
        var (texts, state) = (_texts, _plain);
        for (var i = 0; i < text.Length; i++)
        {
            if (state == 0 && (i = texts.Skip(text, i, text.Length)) == text.Length) break;
            state = texts.Step(state, text[i]);
            if (state >= 0) continue;
            state &= ~FormAutomaton.Ends;
            Finds.Add(new(start + i + 1 - texts.Match(state), start + i + 1));
        }
        _plain = state;
    }

    private void ReadDecoded(ReadOnlySpan<byte> text, bool isEnd)
    {
        // A token that was begun before is read together with as much as it can still have.
        var before = _pendingCount;
        var all = before == 0 ? text : (byte[])[.. _pending.AsSpan(0, before), .. text];
        var most = all.Length + 4;   // what is undone is never longer than it was
        if (_bytes.Length < most) (_bytes, _lengths, _at) = (new byte[most], new byte[most], new int[most]);
        var (read, count, found) = (0, 0, Finds.Count);
        _leftOut.Clear();
        while (read < all.Length)
        {
            // Most of it is as it is, from one escape to the next.
            var plain = EscapedText.PlainLength(all[read..]);
            all.Slice(read, plain).CopyTo(_bytes.AsSpan(count));
            _lengths.AsSpan(count, plain).Fill(1);
            for (var end = read + plain; read < end; read++) _at[count++] = read;
            if (read == all.Length) break;
            var length = EscapedText.Take(all[read..], isEnd, _bytes.AsSpan(count, 4), out var written);
            if (length == 0) break;
            for (var i = 0; i < written; i++, count++) (_lengths[count], _at[count]) = ((byte)length, read);
            if (written == 0 && _quotes) _leftOut[End - before + read] = length;
            read += length;
        }
        Look(_bytes.AsSpan(0, count), _at.AsSpan(0, count), _lengths.AsSpan(0, count), End - before);
        // A quote at the end of a secret is left out of decoded text, but not of the secret.
        for (var i = found; i < Finds.Count && _leftOut.Count > 0; i++)
            while (_leftOut.TryGetValue(Finds[i].To, out var more)) Finds[i] = Finds[i] with { To = Finds[i].To + more };
        all[read..].CopyTo(_pending);
        _pendingCount = all.Length - read;
    }

    private void Look(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> at, ReadOnlySpan<byte> lengths, long start)
    {
        _decoded.Read(bytes, at, lengths, start, Finds);
        _base64.Read(bytes, at, lengths, start, Finds);
        _hex.Read(bytes, at, lengths, start, Finds);
    }
}
