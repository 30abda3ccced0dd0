using EdgeRuntime.Backends;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Whether a machine can have a graphics chip at all, by its device nodes.</summary>
public class GraphicsNodesTests
{
    [Theory]
    [InlineData("null tty kvm snd video0 vda")]
    [InlineData("")]
    public void None_where_no_node_is_one(string entries) => Assert.Contains("no graphics chip", GraphicsNodes.Missing(entries.Split(' ')));

    [Theory]
    [InlineData("null dri tty")]
    [InlineData("null nvidia0 nvidiactl")]
    [InlineData("nvhost-ctrl nvmap")]
    [InlineData("null dxg")]
    [InlineData("kgsl-3d0")]
    [InlineData("mali0")]
    public void Perhaps_where_one_is(string entries) => Assert.Null(GraphicsNodes.Missing(entries.Split(' ')));
}
