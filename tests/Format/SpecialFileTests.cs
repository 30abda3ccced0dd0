using System.Diagnostics;
using System.Net.Sockets;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>Pipes, sockets and devices where files are expected: refused before anything waits for them, and never replaced.</summary>
public sealed class SpecialFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private Socket? socket;

    public static TheoryData<string> Kinds => ["pipe", "link to a pipe", "device", "socket", "folder"];

    public void Dispose()
    {
        socket?.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_are_no_models_and_no_pictures(string kind)
    {
        string path = Make(kind);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => EdgeReader.Read(path)).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => OnnxReader.Read(path)).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => ModelLoader.Load(path, stop: TestContext.Current.CancellationToken)).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => PictureFile.Read(path, new Frame())).Code);
        Assert.Equal(ErrorCode.CannotRead, Assert.Throws<EdgeException>(() => FrameSource.Open(path, stop: TestContext.Current.CancellationToken)).Code);
    }

    [Fact]
    public void A_folder_of_pictures_goes_past_a_pipe()
    {
        Make("pipe");
        File.WriteAllBytes(Path.Combine(folder.Path, "a.ppm"), "P6 1 1 255\nabc"u8.ToArray());
        using FrameSource source = FrameSource.Open(folder.Path, stop: TestContext.Current.CancellationToken);
        Assert.True(source.Read(new Frame()));
        Assert.False(source.Read(new Frame()));
        Assert.Equal([new SkippedFile("pipe", "no regular file")], source.Skipped);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_are_not_replaced(string kind)
    {
        string path = Make(kind);
        EdgeException error = Assert.Throws<EdgeException>(() => AtomicFile.Write(path, s => s.WriteByte(1)));
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        Assert.Equal(kind == "folder", RegularFile.Is(path));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [Fact]
    public void Files_are_read_and_replaced_through_links_and_when_empty()
    {
        string file = Path.Combine(folder.Path, "file"), link = Path.Combine(folder.Path, "link"), dangling = Path.Combine(folder.Path, "dangling");
        File.WriteAllBytes(file, []);
        File.CreateSymbolicLink(link, file);
        File.CreateSymbolicLink(dangling, file + "2");
        Assert.All([file, link, dangling, file + "3"], path => Assert.True(RegularFile.Is(path)));
        AtomicFile.Write(link, s => s.WriteByte(7));
        using FileStream read = RegularFile.OpenRead(link);
        Assert.Equal(7, read.ReadByte());
        Assert.Equal(file, new FileInfo(link).LinkTarget);
    }

    private string Make(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Windows has no such files.");
        string path = Path.Combine(folder.Path, kind.Replace(' ', '-'));
        switch (kind)
        {
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "socket":
                socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                break;
            case "device":
                // What /dev/zero is: it never ends.
                Assert.SkipUnless(Start("mknod", path, "c", "1", "5") && File.Exists(path), "Devices can be made by root only.");
                break;
            case "link to a pipe":
                File.CreateSymbolicLink(path, Make("pipe"));
                break;
            default:
                Assert.True(Start("mkfifo", path));
                break;
        }
        return path;
    }

    private static bool Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
