using System.Buffers;

namespace Orchestrator.Engine.Journal.Jsonl;

/// <summary>A growing buffer that can be set back: what a refused append has written is taken out again.</summary>
internal sealed class LineBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[64 << 10];

    public int Length { get; set; }
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    private void Reserve(int size)
    {
        if (_bytes.Length - Length < Math.Max(size, 1))
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
    }
}
