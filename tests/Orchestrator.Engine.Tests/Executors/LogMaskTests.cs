using System.Text;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Posix;
using Orchestrator.Engine.Secrets;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>A log that was written before anybody knew of the secret in it.</summary>
public sealed class LogMaskTests : IDisposable
{
    private const string Secret = "tok-Quicksilver";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("log-mask-");

    private string Log => Path.Combine(_folder.FullName, "a.1.log");

    private string Other => Path.Combine(_folder.FullName, "other");

    [Fact]
    public void Finds_get_as_many_asterisks_as_they_had_bytes_wherever_chunks_end()
    {
        var head = new string('x', (64 * 1024) - 5);
        File.WriteAllText(Log, $"{head}{Secret}\n{Convert.ToBase64String(Encoding.UTF8.GetBytes("0" + Secret))}\nrest {Secret}");
        var length = new FileInfo(Log).Length;
        LogFile.Mask(Log, SecretPatterns.Of([Secret])!);
        var text = File.ReadAllText(Log);
        new FileInfo(Log).Length.ShouldBe(length);
        text[head.Length..].ShouldStartWith($"{new string('*', Secret.Length)}\n");
        text.ShouldEndWith($"rest {new string('*', Secret.Length)}");
        text.ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("0" + Secret))[4..16]);
        text[..head.Length].ShouldBe(head);
    }

    [Fact]
    public void A_hole_stays_a_hole()
    {
        File.WriteAllText(Log, $"{Secret}{new string('x', 1 << 20)}{Secret}");
        using (var file = File.OpenHandle(Log, access: FileAccess.ReadWrite)) SparseFile.TryPunch(file, 8192, 512 * 1024).ShouldBeTrue();
        LogFile.Mask(Log, SecretPatterns.Of([Secret])!);
        using var masked = File.OpenHandle(Log);
        SparseFile.HoleAfter(masked, 0, RandomAccess.GetLength(masked)).ShouldBe((8192, 8192 + (512 * 1024)));
        var bytes = File.ReadAllBytes(Log);
        Encoding.ASCII.GetString(bytes, 0, Secret.Length + 1).ShouldBe(new string('*', Secret.Length) + "x");
        Encoding.ASCII.GetString(bytes[^Secret.Length..]).ShouldBe(new string('*', Secret.Length));
    }

    [Fact]
    public void What_is_no_file_is_left_alone()
    {
        LogFile.Mask(Log, SecretPatterns.Of([Secret])!);
        File.CreateSymbolicLink(Log, Other);
        File.WriteAllText(Other, Secret);
        LogFile.Mask(Log, SecretPatterns.Of([Secret])!);
        File.ReadAllText(Other).ShouldBe(Secret);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
