using System.ComponentModel;
using System.Diagnostics;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Tests.Backends;
using EdgeRuntime.Tools.Shaders;
using Xunit;

namespace EdgeRuntime.Tests.Shaders;

/// <summary>What is compiled ahead is what the sources say, and every compiler takes it.</summary>
public class ShaderBuildTests
{
    private static readonly ShaderBuild Build = new(Repository.Root);

    public static TheoryData<string> Kernels() => [.. Build.Kernels().Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compiled_forms_are_up_to_date(string kernel)
    {
        string list = Path.Combine(Build.Output, kernel + ".txt");
        Assert.True(File.Exists(list) && File.ReadAllText(list) == Build.List(Read(kernel), Compiled), $"{kernel} has changed since it was compiled: run `./edgert shaders .` (apt-get install glslc).");
    }

    [Fact]
    public void No_compiled_form_is_without_its_source()
    {
        var expected = new List<string>();
        foreach (KernelSource kernel in Build.Kernels())
        {
            expected.Add(kernel.Name + ".txt");
            expected.AddRange(KernelVariant.Of(kernel.Info).Select(variant => $"{kernel.Name}.{variant}.spv"));
        }
        Assert.Equal(expected.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Build.Output).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_changed_source_or_form_is_noticed()
    {
        using var copy = new ShaderFolder();
        string list = copy.List();
        Assert.Equal(list, copy.List());
        copy.Change("prelude/vulkan.glsl", text => text + "// one more line\n");
        string changed = copy.List();
        Assert.NotEqual(list, changed);
        copy.Change("conv_pointwise.kernel", text => text.Replace("PIXELS, 4", "PIXELS, 2", StringComparison.Ordinal));
        Assert.NotEqual(changed, copy.List());
        Assert.NotEqual(Build.List(Read("conv_pointwise"), Compiled), Build.List(Read("conv_pointwise"), _ => [0]));
    }

    [Fact]
    public void The_program_has_the_kernels_of_the_sources()
    {
        Assert.Equal(Build.Kernels().Select(k => k.Name), KernelManifest.All.Keys.Order(StringComparer.Ordinal));
        foreach (KernelSource kernel in Build.Kernels())
        {
            Assert.Equal(KernelManifest.Format(kernel.Info), KernelManifest.Format(KernelManifest.All[kernel.Name]));
            foreach (KernelVariant variant in KernelVariant.Of(kernel.Info)) Assert.Equal(Compiled($"{kernel.Name}.{variant}"), KernelManifest.SpirV(kernel.Name, variant.ToString()));
        }
    }

    [Fact]
    public void The_manifest_names_operands_constants_and_options()
    {
        KernelInfo kernel = KernelManifest.All["conv_i8_pointwise"];
        Assert.Equal([new("x", KernelElement.UInt, false), new("x4", KernelElement.UInt4, false), new KernelBuffer("weight", KernelElement.UInt4, false)], kernel.Buffers.Take(3));
        Assert.Equal([new("y", KernelElement.UInt, true), new KernelBuffer("yf", KernelElement.Float, true)], kernel.Buffers.Where(b => b.Written));
        Assert.Equal(KernelInfo.FirstConstant, kernel.ConstantId("PIXELS"));
        Assert.Equal(KernelInfo.FirstConstant + 4, kernel.ConstantId("C"));
        Assert.True(kernel.PackedDot);
        Assert.False(kernel.HalfArithmetic);
        Assert.All(KernelManifest.All.Values, k => Assert.Contains(k.Buffers, b => b.Written));
        Assert.All(KernelManifest.All.Values, k => Assert.Contains(k.Buffers, b => !b.Written));
    }

    [Theory]
    [InlineData(GpuPrecision.Float32, "f32.tex", "f32.tex")]
    [InlineData(GpuPrecision.Float16Storage, "f16.tex", "f16.tex")]
    [InlineData(GpuPrecision.Float16, "f16a.tex", "f16.tex")]
    public void The_form_for_a_precision_is_among_those_compiled(GpuPrecision precision, string floats, string bytes)
    {
        KernelVariant a = KernelVariant.For(KernelManifest.All["conv_pointwise"], precision, texels: true, packedDot: true);
        KernelVariant b = KernelVariant.For(KernelManifest.All["conv_i8_pointwise"], precision, texels: true);
        Assert.Equal(floats, a.ToString());
        Assert.Equal(bytes, b.ToString());
        foreach (KernelInfo kernel in KernelManifest.All.Values)
            foreach (bool texels in (bool[])[true, false])
                foreach (bool dot in (bool[])[true, false]) Assert.Contains(KernelVariant.For(kernel, precision, texels, dot), KernelVariant.Of(kernel));
    }

    [Fact]
    public void Compiled_forms_are_valid()
    {
        SkipWithout("spirv-val", "spirv-tools");
        foreach (string file in Directory.EnumerateFiles(Build.Output, "*.spv")) AssertValid(file);
    }

    [Fact]
    public void Sources_compile_to_the_forms_that_are_kept_or_to_valid_ones()
    {
        SkipWithout("glslc", "glslc");
        using var copy = new ShaderFolder();
        copy.Remove("spirv");
        copy.Build.Compile();
        bool canValidate = Missing("spirv-val") is null;
        foreach (string file in Directory.EnumerateFiles(copy.Build.Output, "*.spv"))
        {
            byte[] kept = File.ReadAllBytes(Path.Combine(Build.Output, Path.GetFileName(file)));
            // Another version of the compiler may write other instructions; one list says what was compiled, so they are only looked at.
            if (!kept.AsSpan().SequenceEqual(File.ReadAllBytes(file)) && canValidate) AssertValid(file);
        }
        Assert.Equal(Directory.EnumerateFiles(Build.Output).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal), Directory.EnumerateFiles(copy.Build.Output).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_program_has_the_sources_in_OpenCL_C()
    {
        Assert.Equal(Build.OpenCl().Select(t => t.Name).Order(StringComparer.Ordinal), Directory.EnumerateFiles(Build.OpenClOutput).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        foreach ((string name, string text) in Build.OpenCl())
            Assert.True(text == KernelManifest.OpenClText(Path.GetFileNameWithoutExtension(name)), $"{name} is older than its source: run `./edgert shaders .`.");
    }

    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.Float16Storage)]
    public void Every_kernel_builds_as_OpenCL_C(GpuPrecision precision)
    {
        using var runner = new OpenClKernelRunner();
        foreach (KernelInfo kernel in KernelManifest.All.Values)
            runner.Compile(OpenClKernelRunner.Alone(new Dispatch(kernel.Name, [], new Grid(1), new Grid(64)), KernelVariant.For(kernel, precision, texels: false)));
    }

    private static KernelSource Read(string kernel) => KernelSource.Read(Repository.File("src", "Shaders", kernel + ".kernel"));

    private static byte[]? Compiled(string name) => Path.Combine(Build.Output, name + ".spv") is var path && File.Exists(path) ? File.ReadAllBytes(path) : null;

    private static void AssertValid(string file)
    {
        (int code, string output) = Run("spirv-val", "--target-env", "vulkan1.1", file);
        Assert.True(code == 0, $"{Path.GetFileName(file)}: {output}");
    }

    private static void SkipWithout(string tool, string package) => Assert.SkipWhen(Missing(tool) is not null, $"{tool} is not installed: apt-get install {package}.");

    private static string? Missing(string tool)
    {
        try
        {
            Run(tool, "--version");
            return null;
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }

    private static (int Code, string Output) Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
