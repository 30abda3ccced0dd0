using EdgeRuntime.Backends.Gpu.SelfTest;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Planning;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>The file of compiled programs: what fits is used, anything else counts as absent and is replaced.</summary>
public class OpenClCacheTests
{
    private static readonly string One = new('a', OpenClProgramFile.KeyLength), Two = new('b', OpenClProgramFile.KeyLength);

    [Fact]
    public void What_was_written_is_read()
    {
        using var folder = new TemporaryFolder();
        OpenClProgramFile file = Of(folder);
        Assert.Null(file.Find(One));
        Assert.Null(file.Problem);
        file.Add(Programs((One, 100)));
        Of(folder).Add(Programs((Two, 50)));
        OpenClProgramFile read = Of(folder);
        Assert.Equal(Data(100), read.Find(One)!.Binary);
        Assert.Equal(Data(50), read.Find(Two)!.Binary);
        Assert.Equal((One, Two, null), (read.With(Form(100, 2)), read.With(Form(50, 0)), read.With(Form(60, 0))));
        Assert.Null(read.Find(new string('c', OpenClProgramFile.KeyLength)));
        // What others wrote meanwhile stays.
        file.Add(Programs((One, 10)));
        Assert.Equal((Data(10).Length, Data(50).Length), (Of(folder).Find(One)!.Binary.Length, Of(folder).Find(Two)!.Binary.Length));
        read.Forget(One);
        Assert.Null(read.Find(One));
    }

    [Fact]
    public void What_is_damaged_or_cut_off_is_refused()
    {
        using var folder = new TemporaryFolder();
        Of(folder).Add(Programs((One, 20), (Two, 30)));
        byte[] whole = File.ReadAllBytes(Of(folder).Path);
        for (int length = 0; length < whole.Length; length++) Refused(whole[..length]);
        Refused([.. whole, 0]);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            Refused(damaged);
        }

        void Refused(byte[] bytes)
        {
            OpenClProgramFile read = Of(folder);
            File.WriteAllBytes(read.Path, bytes);
            Assert.Equal(0, read.Count);
            Assert.Contains(read.Path, read.Problem);
        }
    }

    [Fact]
    public void What_is_for_another_driver_is_refused_and_replaced()
    {
        using var folder = new TemporaryFolder();
        Of(folder).Add(Programs((One, 20)));
        OpenClProgramFile other = Of(folder, "another driver");
        Assert.Null(other.Find(One));
        Assert.NotNull(other.Problem);
        other.Add(Programs((Two, 20)));
        Assert.Equal(1, Of(folder, "another driver").Count);
    }

    [Fact]
    public void What_is_no_file_or_too_large_does_no_harm()
    {
        using var folder = new TemporaryFolder();
        OpenClProgramFile file = Of(folder);
        file.Add(new Dictionary<string, KeptProgram> { [One] = new KeptProgram(new byte[OpenClProgramFile.MostBytes + 1], []) });
        Assert.False(File.Exists(file.Path));
        using (FileStream sparse = File.Create(file.Path)) sparse.SetLength(OpenClProgramFile.MostBytes + 1000L);
        Assert.Equal(0, Of(folder).Count);
        File.Delete(file.Path);
        Directory.CreateDirectory(file.Path);
        OpenClProgramFile folded = Of(folder);
        Assert.Equal(0, folded.Count);
        folded.Add(Programs((One, 20)));
        Assert.NotNull(folded.Problem);
    }

    [Theory]
    [InlineData(OpenClDrivers.Pocl), InlineData(OpenClDrivers.Hardware)]
    public void A_second_start_finds_what_the_first_compiled(string driver)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal((1, 0), Run());
        string file = Assert.Single(Directory.GetFiles(folder.Path, "*.programs"));
        Assert.Equal((1, 1), Run());
        // What is damaged is compiled again.
        byte[] whole = File.ReadAllBytes(file);
        whole[^20] ^= 1;
        File.WriteAllBytes(file, whole);
        Assert.Equal((1, 0), Run());
        Assert.Equal((1, 1), Run());

        (int, int) Run()
        {
            using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(driver) with { CacheFolder = folder.Path, KeepsAll = true });
            using (ICompiledPlan plan = backend.Compile(SmallNetwork.Plan()))
            {
                using EdgeRuntime.Tensors.Tensor x = SmallNetwork.Input(1);
                x.View.Bytes.CopyTo(plan.Input(0).Bytes);
                plan.Run();
            }
            return backend.Programs;
        }
    }

    [Fact]
    public void A_driver_that_keeps_what_it_compiled_is_not_asked_for_it()
    {
        using var folder = new TemporaryFolder();
        // Whatever PoCL found in its own cache: it is asked for nothing at the first start, and where it compiles a second time at the second.
        for (int start = 0; start < 2; start++)
        {
            using OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { CacheFolder = folder.Path });
            using (ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken)) plan.Run();
            Assert.Equal((1, 0), backend.Programs);
            Assert.InRange(Directory.GetFiles(folder.Path).Sum(f => new FileInfo(f).Length), 0, start == 0 ? 2000 : long.MaxValue);
        }
    }

    [Fact]
    public void A_form_is_found_in_whatever_program_it_was_compiled_with()
    {
        using var folder = new TemporaryFolder();
        using (OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { CacheFolder = folder.Path, KeepsAll = true }))
        {
            backend.Prepare([SmallNetwork.Program(backend.GpuTraits), .. SelfTestWay.All(backend.GpuTraits).Where(w => w.Case.Name.StartsWith("sum", StringComparison.Ordinal)).Select(w => w.Program)]);
            using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
            plan.Run();
        }
        using (OpenClBackend backend = OpenClBackend.Open(OpenClDrivers.Options(OpenClDrivers.Pocl) with { CacheFolder = folder.Path, KeepsAll = true }))
        {
            using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan(), TestContext.Current.CancellationToken);
            using ICompiledPlan other = backend.Compile(SelfTestWay.All(backend.GpuTraits).First(w => w.Case.Name.StartsWith("sum", StringComparison.Ordinal)).Program.Plan, TestContext.Current.CancellationToken);
            other.Run();
            Assert.Equal((1, 1), backend.Programs);
        }
    }

    private static OpenClProgramFile Of(TemporaryFolder folder, string device = "a device; a driver") => new(Path.Combine(folder.Path, "test.programs"), device);

    private static Dictionary<string, KeptProgram> Programs(params (string Key, int Length)[] programs) =>
        programs.ToDictionary(p => p.Key, p => new KeptProgram(Data(p.Length), [.. Enumerable.Range(0, 3).Select(i => Form(p.Length, i))]));

    private static string Form(int length, int number) => (1000 * length + number).ToString("d64", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Data(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7 + 1))];
}
