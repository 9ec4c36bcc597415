using System.Buffers.Binary;
using System.Numerics;

namespace Orchestrator.Core.Serialization;

/// <summary>CRC-32C (Castagnoli), the checksum of journal lines; one instruction per eight bytes where the processor has it.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>: initial value and final xor all ones, as in RFC 3720.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
