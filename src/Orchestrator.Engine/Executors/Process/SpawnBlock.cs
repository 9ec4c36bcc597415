using System.Buffers;
using System.Text;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>
/// Arguments and environment of one child as the kernel wants them: zero-terminated UTF-8 texts, collected in one pooled buffer.
/// </summary>
internal sealed class SpawnBlock : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4096);
    private int[] _starts = ArrayPool<int>.Shared.Rent(64);
    private int _length, _count, _arguments;

    public void AddArgument(string text)
    {
        Begin();
        Append(text, "an argument");
        Terminate();
        _arguments = _count;
    }

    /// <summary>Adds a variable; arguments come first.</summary>
    public void AddVariable(string name, string value)
    {
        if (name.Length == 0 || name.Contains('=')) throw new SpawnRefusedException($"'{name}' cannot be the name of an environment variable.");
        Begin();
        Append(name, "the name of an environment variable");
        Append((byte)'=');
        Append(value, $"the environment variable '{name}'");
        Terminate();
    }

    /// <summary>Adds <c>NAME=value</c>, already encoded, without its terminator.</summary>
    public void AddEncoded(ReadOnlySpan<byte> variable)
    {
        Begin();
        Reserve(variable.Length + 1);
        variable.CopyTo(_bytes.AsSpan(_length));
        _length += variable.Length;
        Terminate();
    }

    /// <summary>Calls <c>posix_spawn</c>: 0 or the error number.</summary>
    public unsafe int Spawn(string program, void* actions, void* attributes, out int pid)
    {
        var path = Encoding.UTF8.GetMaxByteCount(program.Length) + 1 is <= 1024 and var n ? stackalloc byte[n] : new byte[Encoding.UTF8.GetMaxByteCount(program.Length) + 1];
        path[Encoding.UTF8.GetBytes(program, path)] = 0;
        var table = _count + 2 <= 256 ? stackalloc nint[_count + 2] : new nint[_count + 2];
        fixed (byte* bytes = _bytes, programStart = path)
        fixed (nint* pointers = table)
        {
            var environment = _arguments + 1;
            for (var i = 0; i < _count; i++) pointers[i < _arguments ? i : i + 1] = (nint)(bytes + _starts[i]);
            pointers[_arguments] = pointers[_count + 1] = 0;
            int id;
            var error = Libc.PosixSpawn(&id, programStart, actions, attributes, (byte**)pointers, (byte**)(pointers + environment));
            pid = error == 0 ? id : 0;
            return error;
        }
    }

    public void Dispose()
    {
        // The block may hold secrets of a task; the pool hands the buffer to anyone.
        _bytes.AsSpan(0, _length).Clear();
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<int>.Shared.Return(_starts);
        _bytes = [];
        _starts = [];
        _length = _count = _arguments = 0;
    }

    private void Begin()
    {
        if (_count == _starts.Length)
        {
            var larger = ArrayPool<int>.Shared.Rent(_count * 2);
            _starts.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<int>.Shared.Return(_starts);
            _starts = larger;
        }
        _starts[_count++] = _length;
    }

    private void Append(string text, string what)
    {
        if (text.Contains('\0')) throw new SpawnRefusedException($"A zero character in {what} cannot be passed to a program.");
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
    }

    private void Append(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    private void Terminate() => Append(0);

    private void Reserve(int more)
    {
        if (_length + more <= _bytes.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _bytes.Length * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        _bytes.AsSpan(0, _length).Clear();
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>A process cannot be started as asked; the message says why and what helps.</summary>
internal sealed class SpawnRefusedException(string message) : Exception(message);
