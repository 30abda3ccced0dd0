using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Shaders;
using Xunit;

namespace EdgeRuntime.Tests.Shaders;

/// <summary>What is wrong in a kernel is said with its file and line.</summary>
public class KernelSourceTests
{
    private const string Good = "// A kernel.\nKERNEL(name)\nCONSTANT(float, ALPHA, 1)\nPARAM(int, count)\nREADS(float4, x)\nWRITES(float4, y)\nSHARED(float, part, 64)\nBODY\n{\n    STORE(y, 0, LOAD(x, 0));\n}\n";

    [Fact]
    public void A_good_one_is_read()
    {
        using var folder = new ShaderFolder();
        KernelInfo info = Read(folder, Good).Info;
        Assert.Equal("name;x:Float4:r y:Float4:w;ALPHA;count;", KernelManifest.Format(info));
        Assert.Equal(KernelManifest.Format(info), KernelManifest.Format(KernelManifest.Parse(KernelManifest.Format(info))));
    }

    [Theory]
    [InlineData("READS(float4, x)", "READS(float4)", 5, "READS takes 2 arguments")]
    [InlineData("READS(float4, x)", "READS(float4, )", 5, "READS takes 2 arguments")]
    [InlineData("READS(float4, x)", "READS(float3, x)", 5, "float3 is none of float, float4")]
    [InlineData("READS(float4, x)", "READS(1, x)", 5, "1 is none of float, float4")]
    [InlineData("READS(float4, x)", "READS(float4, x", 5, "is no declaration")]
    [InlineData("READS(float4, x)", "  READS(float4, x)", 5, "is no declaration")]
    [InlineData("READS(float4, x)", "READ(float4, x)", 5, "is no declaration")]
    [InlineData("WRITES(float4, y)", "WRITES(float4, x)", 6, "x is declared twice")]
    [InlineData("CONSTANT(float, ALPHA, 1)", "CONSTANT(float, ALPHA)", 3, "CONSTANT takes 3 arguments")]
    [InlineData("CONSTANT(float, ALPHA, 1)", "CONSTANT(bool, ALPHA, true)", 3, "must be int, uint or float, not bool")]
    [InlineData("PARAM(int, count)", "PARAM(float4, count)", 4, "must be int, uint or float, not float4")]
    [InlineData("KERNEL(name)", "KERNEL(other)", 2, "must have its name")]
    [InlineData("KERNEL(name)", "INCLUDE(nothing)", 2, "there is no ")]
    public void A_wrong_line_is_named(string right, string wrong, int line, string problem)
    {
        using var folder = new ShaderFolder();
        var error = Assert.Throws<EdgeException>(() => Read(folder, Good.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Equal(ErrorCode.CannotRead, error.Code);
        Assert.Contains($"name.kernel({line}): ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void What_is_wrong_in_an_included_file_is_named_there()
    {
        using var folder = new ShaderFolder();
        folder.Change("include/activation.inc", text => "CONSTANT(int, ONE)\n" + text);
        var error = Assert.Throws<EdgeException>(() => KernelSource.Read(folder.File("conv_pointwise.kernel")));
        Assert.Contains("activation.inc(1): CONSTANT takes 3 arguments", error.Message);
    }

    [Fact]
    public void More_parameters_than_can_be_pushed_are_refused()
    {
        using var folder = new ShaderFolder();
        string many = string.Concat(Enumerable.Range(0, 32).Select(i => $"PARAM(int, p{i})\n"));
        var error = Assert.Throws<EdgeException>(() => Read(folder, Good.Replace("BODY", many + "BODY", StringComparison.Ordinal)));
        Assert.Contains("more than 32 PARAMs", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("KERNEL(name)\nBODY\n")]
    [InlineData("KERNEL(name)\nREADS(float, x)\n")]
    public void A_file_without_a_main_function_is_refused(string text)
    {
        using var folder = new ShaderFolder();
        var error = Assert.Throws<EdgeException>(() => Read(folder, text));
        Assert.Contains("name.kernel has no BODY", error.Message);
    }

    [Fact]
    public void Code_that_the_compiler_refuses_is_named_with_what_it_says()
    {
        using var folder = new ShaderFolder();
        System.IO.File.WriteAllText(folder.File("name.kernel"), Good.Replace("LOAD(x, 0)", "LOAD(z, 0)", StringComparison.Ordinal));
        var error = Assert.Throws<EdgeException>(() => folder.Build.Compile());
        Assert.Contains(error.Code == ErrorCode.MissingTool ? "glslc is not installed" : "glslc refuses name.f32.tex", error.Message);
    }

    private static KernelSource Read(ShaderFolder folder, string text)
    {
        System.IO.File.WriteAllText(folder.File("name.kernel"), text);
        return KernelSource.Read(folder.File("name.kernel"));
    }
}
