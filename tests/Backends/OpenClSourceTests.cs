using System.Runtime.InteropServices;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Programs in OpenCL C: few forms of kernels, with what differs among dispatches in their last argument. No device is needed.</summary>
public class OpenClSourceTests
{
    private static readonly GpuTraits Processor = new() { Api = "opencl", Device = "a processor", IsProcessor = true, SubgroupSize = 8, MaxTexelElements = 0 };

    [Fact]
    public void Layers_of_all_sizes_share_a_form()
    {
        GpuProgram program = SmallNetwork.Program(Processor);
        OpenClText text = OpenClSource.Write(program.Dispatches);
        string[] convolutions = [.. text.Calls.Zip(program.Dispatches).Where(c => c.Second.Kernel.Name == "conv_pointwise").Select(c => c.First.Function)];
        Assert.Equal(5, convolutions.Length);
        Assert.Single(convolutions.Distinct());
        // Their sizes are given.
        Assert.True(text.Calls.Zip(program.Dispatches).Where(c => c.Second.Kernel.Name == "conv_pointwise").Select(c => Convert.ToHexString(c.First.Given)).Distinct().Count() > 1);
    }

    [Fact]
    public void Equal_dispatches_make_equal_programs() =>
        Assert.Equal(OpenClSource.Write(SmallNetwork.Program(Processor).Dispatches).Source, OpenClSource.Write(SmallNetwork.Program(Processor).Dispatches).Source);

    [Fact]
    public void What_is_given_begins_with_where_operands_are_in_elements()
    {
        GpuProgram program = SmallNetwork.Program(Processor);
        OpenClText text = OpenClSource.Write(program.Dispatches);
        for (int i = 0; i < text.Calls.Count; i++)
        {
            GpuDispatch dispatch = program.Dispatches[i];
            Assert.Equal(dispatch.Operands.Length, text.Calls[i].Buffers);
            ReadOnlySpan<int> given = MemoryMarshal.Cast<byte, int>(text.Calls[i].Given);
            for (int j = 0; j < dispatch.Operands.Length; j++)
                Assert.Equal(dispatch.Operands[j].Range.Offset, (long)given[j] * GpuProgram.ElementBytes(dispatch.Operands[j].Buffer.Element, Processor));
        }
    }

    [Fact]
    public void A_chip_has_its_flags_in_the_text()
    {
        OpenClText processor = OpenClSource.Write(SmallNetwork.Program(Processor).Dispatches), chip = OpenClSource.Write(SmallNetwork.Program(Processor with { IsProcessor = false }).Dispatches);
        Assert.Contains("#define OUT_FOURS (1)\n", chip.Source);
        Assert.DoesNotContain("#define OUT_FOURS (1)\n", processor.Source);
    }
}
