using System.Reflection;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>Core decides from values alone: it can be given neither a clock, nor a file, nor a thread, nor a logger.</summary>
public sealed class CoreIsPureTests
{
    private static readonly UsedMembers Used = UsedMembers.Of(ProductAssemblies.Core.Location);

    [Fact]
    public void Core_references_only_the_base_library_and_the_yaml_reader() =>
        ProductAssemblies.Core.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("YamlDotNet" or "netstandard"))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("System.Threading.Tasks.", "asynchronous work")]
    [InlineData("System.TimeProvider", "a clock")]
    [InlineData("System.Diagnostics.Stopwatch", "a clock")]
    [InlineData("System.Threading.Timer", "a clock")]
    [InlineData("System.Threading.Thread", "a thread")]
    [InlineData("System.Diagnostics.Process", "a process")]
    [InlineData("System.Random", "chance")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator", "chance")]
    [InlineData("System.Net.", "the network")]
    [InlineData("System.Console", "the console")]
    [InlineData("System.IO.File", "files")]
    [InlineData("System.IO.Directory", "folders")]
    [InlineData("System.IO.DriveInfo", "disks")]
    [InlineData("System.IO.RandomAccess", "files")]
    [InlineData("System.IO.Stream", "streams")]
    [InlineData("System.IO.MemoryStream", "streams")]
    [InlineData("System.IO.BufferedStream", "streams")]
    [InlineData("System.IO.Pipelines.", "streams")]
    [InlineData("Microsoft.Extensions.", "the host")]
    public void Core_does_not_use(string prefix, string what) =>
        Used.Types.Where(type => type.StartsWith(prefix, StringComparison.Ordinal)).ShouldBeEmpty($"Core must not know {what}");

    [Theory]
    [InlineData("System.DateTime.get_Now")]
    [InlineData("System.DateTime.get_UtcNow")]
    [InlineData("System.DateTime.get_Today")]
    [InlineData("System.DateTimeOffset.get_Now")]
    [InlineData("System.DateTimeOffset.get_UtcNow")]
    [InlineData("System.Guid.NewGuid")]
    [InlineData("System.Guid.CreateVersion7")]
    [InlineData("System.TimeZoneInfo.get_Local")]
    [InlineData("System.Environment.GetEnvironmentVariable")]
    [InlineData("System.Environment.GetEnvironmentVariables")]
    [InlineData("System.Environment.get_CurrentDirectory")]
    [InlineData("System.Environment.get_MachineName")]
    [InlineData("System.Environment.get_TickCount64")]
    [InlineData("System.IO.Path.GetFullPath")]
    [InlineData("System.IO.Path.GetTempPath")]
    [InlineData("System.IO.Path.Exists")]
    public void Core_does_not_call(string member) => Used.Members.ShouldNotContain(member);

    [Fact]
    public void Nothing_public_in_Core_returns_a_task() => ProductAssemblies.Methods(ProductAssemblies.Core)
        .Where(method => method.ReturnType.FullName?.StartsWith("System.Threading.Tasks.", StringComparison.Ordinal) == true)
        .Select(method => $"{method.DeclaringType}.{method.Name}")
        .ShouldBeEmpty();

    [Fact]
    public void Core_has_no_state_that_changes_behind_its_callers_back() => ProductAssemblies.WrittenTypes(ProductAssemblies.Core)
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(field => !field.IsInitOnly && !field.IsLiteral && !field.Name.Contains('<', StringComparison.Ordinal))
        .Select(field => $"{field.DeclaringType}.{field.Name}")
        .ShouldBeEmpty();
}
