using EdgeRuntime.Backends.Gpu;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>One source, three compilers, the same bytes: the convolution of bytes on each driver against its definition.</summary>
public class Int8KernelTests
{
    /// <summary>What a compiler has that knows products of packed bytes, for one that does not.</summary>
    private const string PackedDot = """
        #define __opencl_c_integer_dot_product_input_4x8bit_packed 1
        int dot_4x8packed_us_int(uint a, uint b)
        {
            uchar4 x = as_uchar4(a);
            char4 w = as_char4(b);
            return x.x * w.x + x.y * w.y + x.z * w.z + x.w * w.w;
        }

        """;

    public static TheoryData<string, string> Forms()
    {
        var forms = new TheoryData<string, string>();
        foreach (string driver in KernelRunner.Drivers)
            foreach (string form in driver == "pocl" ? (string[])["source", "source.dot"] : ["f32.tex", "f32.buf", "f32.tex.dot", "f32.buf.dot"]) forms.Add(driver, form);
        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Awkward_shapes_give_the_bytes_of_the_definition(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        foreach ((int pixels, int inputs, int outputs, int tile, int groups) in ((int, int, int, int, int)[])
            [(1, 1, 1, 4, 1), (7, 3, 5, 1, 1), (13, 17, 11, 4, 2), (31, 29, 37, 2, 3), (101, 7, 67, 8, 1), (211, 64, 61, 4, 4)])
        {
            Int8Convolution convolution = new Int8Convolution(pixels, inputs, outputs) { ZeroPoint = pixels % 100, Lowest = inputs % 7, Highest = 255 - outputs % 5 }.Random(pixels);
            Check(runner, form, convolution, tile, groups);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Extreme_values_give_the_bytes_of_the_definition(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        foreach ((byte x, sbyte weight, int bias, int right) in ((byte, sbyte, int, int)[])
            [(255, -128, 0, 1), (255, 127, 0, 15), (255, -128, int.MinValue + 255 * 128 * 1021, 23), (255, 127, int.MaxValue - 255 * 127 * 1021, 22), (0, -128, -1, 31), (128, -1, 65_344, 7)])
            Check(runner, form, new Int8Convolution(5, 1021, 3) { ZeroPoint = 128 }.Filled(x, weight, bias, int.MaxValue, 0, right), 4, 1);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Each_sum_is_rounded_exactly(string driver, string form)
    {
        using KernelRunner runner = Open(driver, form);
        var random = new Random(5);
        var cases = new List<(int, int, int, int)>();
        int[] sums = [0, 1, -1, 2, -2, 3, -3, 127, -128, 255, -255, 1 << 24, -(1 << 24) - 1, int.MaxValue, int.MinValue, int.MaxValue - 1, int.MinValue + 1];
        int[] multipliers = [1 << 30, (1 << 30) + 1, int.MaxValue, int.MaxValue - 1, 0x5555_5555];
        (int, int)[] shifts = [(0, 1), (0, 2), (0, 5), (0, 16), (0, 30), (0, 31), (1, 1), (2, 1), (7, 1), (23, 1), (24, 1)];
        foreach (int sum in sums)
            foreach (int multiplier in multipliers)
                foreach ((int left, int right) in shifts) cases.Add((sum, multiplier, left, right));
        // Halves: odd multiples of 2^(right + 1), by the least multiplier.
        for (int right = 1; right <= 20; right++)
            for (int odd = -9; odd <= 9; odd += 2)
                for (int beside = -1; beside <= 1; beside++) cases.Add((odd * (1 << (right + 1)) + beside, 1 << 30, 0, right));
        for (int i = 0; i < 3000; i++)
        {
            int right = random.Next(1, 32);
            int sum = (int)Math.Clamp((random.NextDouble() * 300 - 20) * Math.Pow(2, right + 1.5), int.MinValue, int.MaxValue);
            cases.Add((sum, (int)random.NextInt64(1L << 30, 1L << 31), 0, right));
        }
        foreach (int zero in (int[])[0, 128, 255])
            Check(runner, form, new Int8Convolution(2, 1, cases.Count) { ZeroPoint = zero }.Requantizing(cases), 1, 2);
    }

    private static KernelRunner Open(string driver, string form)
    {
        bool dot = form.EndsWith(".dot", StringComparison.Ordinal);
        KernelRunner runner = driver == "pocl" && dot ? new OpenClKernelRunner { Preamble = PackedDot } : KernelRunner.Open(driver);
        if (!dot || runner is not VulkanKernelRunner { HasPackedDot: false }) return runner;
        runner.Dispose();
        Assert.Skip($"{driver} has no product of packed bytes.");
        return runner;
    }

    private static void Check(KernelRunner runner, string form, Int8Convolution convolution, int tile, int groups)
    {
        KernelVariant variant = new(false, false, form.Contains("tex"), form.Contains("dot"));
        long invocations = (long)((convolution.Pixels + tile - 1) / tile) * ((convolution.O4 + groups - 1) / groups);
        KernelConstant[] constants =
        [
            ("PIXELS", tile), ("OUTPUTS", groups), ("COUNT", convolution.Pixels), ("C4", convolution.C4), ("O4", convolution.O4),
            ("ZERO_POINT", convolution.ZeroPoint), ("LOWEST", convolution.Lowest), ("HIGHEST", convolution.Highest),
        ];
        runner.Prepare(new Dispatch("conv_i8_pointwise", [], Grid.Linear(invocations, 16, 65535), new Grid(16), constants), variant, convolution.Operands());
        runner.Execute();
        Assert.Equal(Int8Convolution.Words(convolution.Evaluate()), runner.Read(3));
    }
}
