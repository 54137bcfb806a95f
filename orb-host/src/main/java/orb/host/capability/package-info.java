@org.jspecify.annotations.NullMarked
package orb.host.capability;
