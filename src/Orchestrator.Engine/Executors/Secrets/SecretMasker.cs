using System.Buffers;
using System.Text;

namespace Orchestrator.Engine.Executors.Secrets;

/// <summary>
/// Replaces every form of every secret in a stream of bytes by <c>***</c>, wherever the stream is cut into chunks. Finds that overlap or
/// touch are masked as one. Other bytes pass unchanged, valid UTF-8 or not. Held back is only what could still become a secret.
/// </summary>
internal sealed class SecretMasker(SecretPatterns patterns)
{
    private byte[] _held = new byte[256];    // bytes that may still belong to a form: [_start, _end)
    private bool[] _found = new bool[256];   // which of them already do
    private int _start, _end, _state;
    private bool _inMask;                    // the last byte released was masked

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
        for (var i = 0; i < chunk.Length; i++)
        {
            if (_state == 0 && patterns.SkipTo(chunk[i..]) is > 0 and var harmless)
            {
                output.Write(chunk.Slice(i, harmless));
                _inMask = false;
                i += harmless;
                if (i == chunk.Length) return;
            }
            _state = patterns.Next(_state, chunk[i]);
            Hold(chunk[i]);
            if (patterns.Match(_state) is > 0 and var length) _found.AsSpan(_end - length, length).Fill(true);
            Release(_end - _start - patterns.Depth(_state), output);   // nothing before the beginning of a form can change any more
        }
    }

    /// <summary>The stream has ended: what was held back is judged as it is.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        Release(_end - _start, output);
        _inMask = false;
        _state = 0;
    }

    private void Hold(byte value)
    {
        if (_end == _held.Length)
        {
            // Moved down when half is free, so that each byte moves once on average.
            var held = _end - _start;
            var (bytes, found) = held > _held.Length / 2 ? (new byte[_held.Length * 2], new bool[_held.Length * 2]) : (_held, _found);
            _held.AsSpan(_start, held).CopyTo(bytes);
            _found.AsSpan(_start, held).CopyTo(found);
            (_held, _found, _start, _end) = (bytes, found, 0, held);
        }
        _held[_end] = value;
        _found[_end++] = false;
    }

    private void Release(int count, IBufferWriter<byte> output)
    {
        for (; count > 0; count--, _start++)
        {
            if (!_found[_start]) output.Write(_held.AsSpan(_start, 1));
            else if (!_inMask) output.Write("***"u8);
            _inMask = _found[_start];
        }
        if (_start == _end) _start = _end = 0;
    }
}
