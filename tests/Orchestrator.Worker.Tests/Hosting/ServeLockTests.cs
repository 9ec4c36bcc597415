using Orchestrator.Worker.Local;

namespace Orchestrator.Worker.Tests.Hosting;

public sealed class ServeLockTests : IDisposable
{
    private readonly Sandbox _box = new();

    [Fact]
    public async Task Only_one_holds_the_lock_and_others_learn_who()
    {
        var paths = new DataDirectory(_box.PathOf("data"));
        ServeLock.IsHeld(paths).ShouldBeFalse();
        var stop = TestContext.Current.CancellationToken;
        using (var held = await ServeLock.TakeAsync(paths, TimeProvider.System, stop))
        {
            ServeLock.HolderOf(paths).ShouldBeNull("it has not said who it is");
            held.Announce(new(42, DateTimeOffset.UnixEpoch, "/tmp/s", "http://127.0.0.1:1"));
            ServeLock.HolderOf(paths).ShouldNotBeNull().Pid.ShouldBe(42);
            (await Should.ThrowAsync<ServeLockHeldException>(() => ServeLock.TakeAsync(paths, TimeProvider.System, stop))).Message.ShouldContain("42");
        }
        ServeLock.HolderOf(paths).ShouldBeNull();
    }

    [Fact]
    public void A_socket_path_too_long_for_the_system_goes_to_a_folder_of_our_own()
    {
        Directory.CreateDirectory(_box.PathOf("data"));
        using var near = LocalSocket.Prepare(new DataDirectory(_box.PathOf("data")), runtimeDirectory: null);
        near.Path.ShouldBe(_box.PathOf("data/serve.sock"));
        using var far = LocalSocket.Prepare(new DataDirectory(_box.PathOf(new string('d', 120))), runtimeDirectory: null);
        far.Path.Length.ShouldBeLessThan(100);
        File.GetUnixFileMode(Path.GetDirectoryName(far.Path)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => _box.Dispose();
}
