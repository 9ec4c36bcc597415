using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.TestKit.Telemetry;

/// <summary>Reads protocol buffers field by field; knows no schema.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private ulong _number;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    public readonly ReadOnlySpan<byte> Bytes => _bytes;
    public readonly string Text => Encoding.UTF8.GetString(_bytes);
    public readonly string Hex => Convert.ToHexStringLower(_bytes);
    public readonly long Integer => (long)_number;
    public readonly double Double => BitConverter.UInt64BitsToDouble(_number);

    /// <summary>Nanoseconds since 1970.</summary>
    public readonly DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks((long)(_number / 100));

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;
        var tag = Varint();
        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                _number = Varint();
                break;
            case 1:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                _rest = _rest[8..];
                break;
            case 2:
                var length = (int)Varint();
                _bytes = _rest[..length];
                _rest = _rest[length..];
                break;
            case 5:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                _rest = _rest[4..];
                break;
            default:
                throw new InvalidDataException($"Field {Field} has the unknown wire type {tag & 7}.");
        }
        return true;
    }

    /// <summary>The current field as a packed list of 8-byte numbers.</summary>
    public readonly ulong[] Packed()
    {
        var numbers = new ulong[_bytes.Length / 8];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(8 * i)..]);
        return numbers;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
