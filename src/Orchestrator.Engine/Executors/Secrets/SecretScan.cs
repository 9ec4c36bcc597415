namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>
/// Looks for secrets in a stream of bytes, wherever it is cut into chunks: as they are, with escapes undone, and in base64 and hexadecimal digits of that. Each byte is looked at
/// once by each, so the time is that of the stream's length, whatever the number of secrets.
/// </summary>
internal sealed class SecretScan
{
    private static readonly SymbolKind[] s_base64 = Kinds("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_", "");
    private static readonly SymbolKind[] s_hex = Kinds("0123456789abcdefABCDEF", " :,-");

    private readonly FormAutomaton _texts;
    private readonly SymbolScan _decoded, _base64, _hex;
    private readonly bool _derives;
    private readonly byte[] _pending = new byte[EscapedText.LongestToken];   // the beginning of a token
    private byte[] _bytes = [], _lengths = [];
    private int[] _at = [];
    private int _plain, _pendingCount;

    public SecretScan(SecretPatterns secrets)
    {
        _texts = secrets.Plain;
        (_decoded, _base64, _hex) = (new(secrets.Decoded), new(secrets.Base64, s_base64), new(secrets.Hex, s_hex, separates: true));
        _derives = secrets.Hex.Longest > 0;
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
        ReadPlain(text);
        if (_derives) ReadDecoded(text, isEnd);
        End += text.Length;
    }

    private void ReadPlain(ReadOnlySpan<byte> text)
    {
        var (texts, state) = (_texts, _plain);
        for (var i = 0; i < text.Length; i++)
        {
            state = texts.Next(state, text[i]);
            if (texts.Match(state) is > 0 and var length) Finds.Add(new(End + i + 1 - length, End + i + 1));
        }
        _plain = state;
    }

    private void ReadDecoded(ReadOnlySpan<byte> text, bool isEnd)
    {
        if (_pendingCount == 0 && EscapedText.IsPlain(text))
        {
            Look(text, [], [], End);
            return;
        }
        // A token that was begun before is read together with as much as it can still have.
        var before = _pendingCount;
        var all = before == 0 ? text : (byte[])[.. _pending.AsSpan(0, before), .. text];
        var most = all.Length + 4;   // what is undone is never longer than it was
        if (_bytes.Length < most) (_bytes, _lengths, _at) = (new byte[most], new byte[most], new int[most]);
        var (read, count) = (0, 0);
        while (read < all.Length)
        {
            // Most of it is as it is, from one escape to the next.
            var plain = EscapedText.PlainLength(all[read..]);
            for (var end = read + plain; read < end; read++, count++) (_bytes[count], _lengths[count], _at[count]) = (all[read], 1, read);
            if (read == all.Length) break;
            var length = EscapedText.Take(all[read..], isEnd, _bytes.AsSpan(count, 4), out var written);
            if (length == 0) break;
            for (var i = 0; i < written; i++, count++) (_lengths[count], _at[count]) = ((byte)length, read);
            read += length;
        }
        Look(_bytes.AsSpan(0, count), _at.AsSpan(0, count), _lengths.AsSpan(0, count), End - before);
        all[read..].CopyTo(_pending);
        _pendingCount = all.Length - read;
    }

    private void Look(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> at, ReadOnlySpan<byte> lengths, long start)
    {
        _decoded.Read(bytes, at, lengths, start, Finds);
        _base64.Read(bytes, at, lengths, start, Finds);
        _hex.Read(bytes, at, lengths, start, Finds);
    }

    private static SymbolKind[] Kinds(string digits, string separators)
    {
        var kinds = new SymbolKind[256];
        foreach (var c in digits) kinds[c] = SymbolKind.Digit;
        foreach (var c in separators) kinds[c] = SymbolKind.Separator;
        kinds['\r'] = kinds['\n'] = SymbolKind.LineEnd;
        foreach (var c in " \t")
            if (kinds[c] == SymbolKind.Break) kinds[c] = SymbolKind.Separator;
        return kinds;
    }
}
